# cmake -D FROM=<sources> -D TO=<folder> -P LinkPackage.cmake: makes every file
# and folder of FROM a link in TO and drops links whose target is gone.
file(MAKE_DIRECTORY ${TO})
file(GLOB present RELATIVE ${FROM} ${FROM}/*)
list(FILTER present EXCLUDE REGEX "^__pycache__$")
foreach(name ${present})
  file(CREATE_LINK ${FROM}/${name} ${TO}/${name} SYMBOLIC)
endforeach()
file(GLOB linked RELATIVE ${TO} ${TO}/*)
foreach(name ${linked})
  if(IS_SYMLINK ${TO}/${name} AND NOT EXISTS ${FROM}/${name})
    file(REMOVE ${TO}/${name})
  endif()
endforeach()

# The CMake package SparseOpt: headers, libraries and the config that finds them.
# Included last by the top file, when all libraries are known.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/SparseOpt)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/sparse-opt
                  ${PROJECT_BINARY_DIR}/include/sparse-opt
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc"
        PATTERN CMakeFiles EXCLUDE)
install(EXPORT SparseOptTargets NAMESPACE SparseOpt::
        DESTINATION ${package_dir})

get_property(SPARSE_OPT_LIBRARIES GLOBAL PROPERTY SPARSE_OPT_LIBRARIES)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/SparseOptConfig.cmake.in
  ${PROJECT_BINARY_DIR}/SparseOptConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/SparseOptConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/SparseOptConfig.cmake
              ${PROJECT_BINARY_DIR}/SparseOptConfigVersion.cmake
        DESTINATION ${package_dir})

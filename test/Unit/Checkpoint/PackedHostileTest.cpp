//===- PackedHostileTest.cpp - Packed files whose headers lie -------------===//
//
// Whole, undamaged files around hand-made headers, each with a part of the
// message that it gets.
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"
#include "sparse-opt/Checkpoint/ContentHash.h"
#include "sparse-opt/Checkpoint/PackedFile.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static Result<PackedContents> parse(const std::string &bytes) {
  return parsePackedFile(bytes.data(), bytes.size(), "w.packed",
                         PackedCheck::Structure);
}

/// A packed file around a hand-made header and 64 bytes of data.
static std::string packed(const std::string &json) {
  std::string bytes = "SPRSOPT1" + littleEndian<uint32_t>(1);
  bytes.resize(4096, '\0');
  bytes.append(64, 'd');
  std::string trailer =
      littleEndian<uint64_t>(bytes.size()) +
      littleEndian<uint64_t>(json.size()) +
      littleEndian<uint64_t>(contentHash(json.data(), json.size()));
  bytes += json;
  bytes.resize((bytes.size() + 63) / 64 * 64, '\0');
  trailer += littleEndian<uint64_t>(bytes.size() + 64);
  return bytes + trailer + std::string(24, '\0') + "1TPOSRPS";
}

static std::string header(const std::string &parameters) {
  return "{\"program\":\"9f3c\",\"parameters\":[" + parameters + "]}";
}
static std::string entry(const std::string &buffers,
                         const std::string &shape = "[2,8]",
                         const std::string &dtype = "f32") {
  return "{\"name\":\"w\",\"shape\":" + shape + ",\"dtype\":\"" + dtype +
         "\",\"format\":\"\",\"hash\":\"\",\"buffers\":[" + buffers + "]}";
}
static std::string bufferEntry(const std::string &count,
                               const std::string &offset,
                               const std::string &name = "v",
                               const std::string &dtype = "f32") {
  return "{\"name\":\"" + name + "\",\"dtype\":\"" + dtype +
         "\",\"count\":" + count + ",\"offset\":" + offset + "}";
}

class PackedHostile : public testing::TestWithParam<HostileFile> {};

TEST_P(PackedHostile, IsRefused) {
  EXPECT_TRUE(failsWith(parse(packed(GetParam().bytes)), GetParam().message));
}

TEST(PackedFile, HandMadeFilesAreWhole) {
  std::string good = header(entry(bufferEntry("16", "4096")));
  Result<PackedContents> contents = parse(packed(good));
  EXPECT_TRUE(contents) << contents.message();
}

static const HostileFile kHeaders[] = {
    {"NotJson", "x", "at byte 4160: expected '{'"},
    {"NoProgram", "{\"parameters\":[]}", "a field 'program', found none"},
    {"NoParameters", "{\"program\":\"0\"}", "a field 'parameters'"},
    {"UnknownField", "{\"program\":\"0\",\"x\":1}", "found 'x'"},
    {"ProgramNoHash", "{\"program\":\"0G\",\"parameters\":[]}", "found '0G'"},
    {"ProgramEmpty", "{\"program\":\"\",\"parameters\":[]}", "hexadecimal"},
    {"Dtype", header(entry("", "[1]", "f33")), "found 'f33'"},
    {"ShapeNegative", header(entry("", "[-1]")), "found -1"},
    {"ShapeOverflow", header(entry("", "[0,1099511627776,1099511627776]")),
     "below 2^63"},
    {"Rank", header(entry("", "[1,1,1,1,1,1,1,1,1]")), "at most 8 integers"},
    {"NameTwice", header(entry("") + "," + entry("")), "found 'w' twice"},
    {"BufferTwice",
     header(entry(bufferEntry("0", "4096") + "," + bufferEntry("0", "4096"))),
     "found 'v' twice"},
    {"BufferDtype", header(entry(bufferEntry("16", "4096", "v", "F32"))),
     "found 'F32'"},
    {"CountNegative", header(entry(bufferEntry("-16", "4096"))), "found -16"},
    {"CountFraction", header(entry(bufferEntry("16.0", "4096"))), "16.0"},
    {"CountOverflow", header(entry(bufferEntry("4611686018427387904", "4096"))),
     "2^63"},
    {"CountTooLarge", header(entry(bufferEntry("17", "4096"))),
     "end before the header at byte 4160, found 68 bytes from 4096"},
    {"CountTooSmall", header(entry("")), "expected the header at byte 4096"},
    {"OffsetEarly", header(entry(bufferEntry("16", "0"))),
     "buffer 'v' of 'w', after the start of the data: expected it at byte "
     "4096, found 0"},
    {"OffsetUnaligned", header(entry(bufferEntry("16", "4100"))), "4100"},
    {"OffsetHuge", header(entry(bufferEntry("16", "18446744073709551615"))),
     "found 18446744073709551615"},
    {"Overlap",
     header(entry(bufferEntry("16", "4096") + "," +
                  bufferEntry("1", "4096", "u"))),
     "buffer 'u' of 'w', after buffer 'v' of 'w': expected it at byte 4160"},
};
INSTANTIATE_TEST_SUITE_P(Headers, PackedHostile, testing::ValuesIn(kHeaders),
                         hostileName);

//===- StrictJson.h - Events of strict JSON -------------------------------===//
//
// The layer under every JSON header of this room. It refuses what the format
// of JSON leaves open (depth, duplicate names, numbers that are no integers,
// blanks before the document) and says where. What a document means is said by
// a tree of JsonPlaces. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_STRICTJSON_H
#define SPARSE_OPT_LIB_CHECKPOINT_STRICTJSON_H

#include "sparse-opt/Format/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::sparsity::checkpoint {

using format::Error;
using format::makeError;
using format::Result;
using format::Status;

/// The deepest nesting of objects and arrays.
inline constexpr size_t kMaxJsonDepth = 8;
/// The longest JSON header or document; the limit of safetensors.
inline constexpr uint64_t kMaxJsonBytes = 100'000'000;

/// One place of a document: takes the values that may stand there and refuses
/// all others. A place is used again for every element of a list.
class JsonPlace {
public:
  virtual ~JsonPlace();

  virtual Status text(std::string &value);
  virtual Status integer(uint64_t value);
  /// null, true, false, a negative number or a fraction, as it is spelled.
  virtual Status other(const std::string &spelling);

  virtual Status beginObject();
  /// The place of the member `key`; called once per name.
  virtual Result<JsonPlace *> member(const std::string &key);
  virtual Status beginArray();
  virtual Result<JsonPlace *> element();
  /// The end of the object or array that was begun.
  virtual Status end();

protected:
  /// "a string", for messages.
  virtual std::string expected() const = 0;
  Error refuse(const std::string &found) const;
};

/// A string.
class JsonText : public JsonPlace {
public:
  std::string value;
  Status text(std::string &text) override;

protected:
  std::string expected() const override { return "a string"; }
};

/// An integer from 0 to 2^64 - 1.
class JsonInteger : public JsonPlace {
public:
  uint64_t value = 0;
  Status integer(uint64_t number) override;

protected:
  std::string expected() const override { return "an integer >= 0"; }
};

/// A list of `least` to `most` integers.
class JsonIntegers : public JsonPlace {
public:
  JsonIntegers(size_t least, size_t most) : least(least), most(most) {}
  std::vector<uint64_t> values;
  Status integer(uint64_t number) override;
  Status beginArray() override;
  Result<JsonPlace *> element() override;
  Status end() override;

protected:
  std::string expected() const override;

private:
  size_t least, most;
  bool inside = false;
};

/// An object of any names whose values are strings.
class JsonTextMap : public JsonPlace {
public:
  std::map<std::string, std::string> values;
  Status text(std::string &text) override;
  Status beginObject() override;
  Result<JsonPlace *> member(const std::string &key) override;
  Status end() override;

protected:
  std::string expected() const override;

private:
  std::string *slot = nullptr;
};

/// A list whose elements stand at one place, one after another.
class JsonList : public JsonPlace {
public:
  explicit JsonList(JsonPlace &item) : item(item) {}
  Status beginArray() override { return {}; }
  Result<JsonPlace *> element() override { return &item; }
  Status end() override { return {}; }

protected:
  std::string expected() const override { return "a list"; }

private:
  JsonPlace &item;
};

/// An object with a fixed set of fields, each of which must be there.
class JsonRecord : public JsonPlace {
public:
  struct Field {
    const char *name;
    JsonPlace *place;
    bool isRequired = true;
    bool isSeen = false;
  };
  explicit JsonRecord(std::vector<Field> fields) : fields(std::move(fields)) {}
  Status beginObject() override;
  Result<JsonPlace *> member(const std::string &key) override;
  Status end() override;

protected:
  std::string expected() const override { return "an object"; }
  /// All fields have been read.
  virtual Status complete() { return {}; }

private:
  std::vector<Field> fields;
};

/// Anything; only the rules of JSON and the limits are checked.
class JsonIgnored : public JsonPlace {
public:
  Status text(std::string &) override { return {}; }
  Status integer(uint64_t) override { return {}; }
  Status other(const std::string &) override { return {}; }
  Status beginObject() override { return {}; }
  Result<JsonPlace *> member(const std::string &) override { return this; }
  Status beginArray() override { return {}; }
  Result<JsonPlace *> element() override { return this; }
  Status end() override { return {}; }

protected:
  std::string expected() const override { return "a value"; }
};

/// Reads `document`, an object, into `root`. `base` is the position of the
/// document in the file; messages name the file and a byte in it. Memory is
/// bounded by a small multiple of the document's size, the stack by nothing in
/// it.
Status parseStrictJson(std::string_view document, std::string_view file,
                       uint64_t base, JsonPlace &root);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_STRICTJSON_H

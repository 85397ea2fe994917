//===- StrictJson.cpp - Events of strict JSON -----------------------------===//
//
// The parser is nlohmann-json's SAX interface, which needs no recursion and,
// used like this, throws nothing. Added here: depth, duplicate names, exact
// integers, and messages with a position and a path.
//
//===----------------------------------------------------------------------===//

#include "StrictJson.h"

#include "System.h"
#include "sparse-opt/Checkpoint/Names.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;
using nlohmann::json;

namespace {

/// A character iterator that tells the driver how far the parser has read.
class CountingIterator {
public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  CountingIterator(const char *place, const char **reached)
      : place(place), reached(reached) {}
  reference operator*() const { return *place; }
  CountingIterator &operator++() {
    *reached = ++place;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator &other) const {
    return place == other.place;
  }
  bool operator!=(const CountingIterator &other) const {
    return place != other.place;
  }

private:
  const char *place;
  const char **reached;
};

/// Turns the parser's events into calls of places.
class Driver {
public:
  explicit Driver(JsonPlace &root) : root(root) {}

  /// The first thing that went wrong, with its path.
  std::optional<Error> failure;

  // The interface that nlohmann-json expects, hence the names.
  bool null() { return other("null"); }
  bool boolean(bool value) { return other(value ? "true" : "false"); }
  bool number_integer(json::number_integer_t value) {
    return other(value == 0 ? "-0" : std::to_string(value));
  }
  bool number_unsigned(json::number_unsigned_t value);
  bool number_float(json::number_float_t, const std::string &spelling) {
    return other(spelling);
  }
  bool string(std::string &value);
  bool binary(json::binary_t &) { return other("bytes"); }
  bool start_object(size_t) { return begin(true); }
  bool key(std::string &name);
  bool end_object() { return end(); }
  bool start_array(size_t) { return begin(false); }
  bool end_array() { return end(); }
  bool parse_error(size_t, const std::string &token, const json::exception &);

private:
  /// One object or list that is open.
  struct Frame {
    JsonPlace *place;
    bool isObject;
    JsonPlace *next = nullptr;
    std::set<std::string> names = {};
    std::string name = {};
    size_t index = 0;
  };

  bool other(const std::string &spelling);
  bool begin(bool isObject);
  bool end();
  /// The place of the value that comes now; null after a failure.
  JsonPlace *take();
  bool check(const Status &status);
  bool fail(const std::string &message);
  std::string path() const;

  JsonPlace &root;
  std::vector<Frame> frames;
};

} // namespace

/// "in 'model'.'shape'[2]: ", or nothing at the top.
std::string Driver::path() const {
  std::string result;
  for (const Frame &frame : frames) {
    if (!frame.isObject && frame.index > 0)
      result += "[" + std::to_string(frame.index - 1) + "]";
    if (frame.isObject && frame.next)
      result += (result.empty() ? "" : ".") + quoteName(frame.name);
  }
  return result.empty() ? result : "in " + result + ": ";
}

bool Driver::fail(const std::string &message) {
  failure = makeError(path(), message);
  return false;
}

bool Driver::check(const Status &status) {
  return status || fail(status.message());
}

JsonPlace *Driver::take() {
  if (frames.empty())
    return &root;
  Frame &top = frames.back();
  if (top.isObject)
    return top.next;
  ++top.index;
  Result<JsonPlace *> place = top.place->element();
  if (place)
    return *place;
  fail(place.message());
  return nullptr;
}

bool Driver::other(const std::string &spelling) {
  JsonPlace *place = take();
  return place && check(place->other(spelling));
}

bool Driver::number_unsigned(json::number_unsigned_t value) {
  JsonPlace *place = take();
  return place && check(place->integer(value));
}

bool Driver::string(std::string &value) {
  JsonPlace *place = take();
  return place && check(place->text(value));
}

bool Driver::begin(bool isObject) {
  if (frames.size() == kMaxJsonDepth)
    return fail("expected at most " + std::to_string(kMaxJsonDepth) +
                " nested levels, found more");
  JsonPlace *place = take();
  if (!place || !check(isObject ? place->beginObject() : place->beginArray()))
    return false;
  frames.push_back({place, isObject});
  return true;
}

bool Driver::key(std::string &name) {
  Frame &top = frames.back();
  top.next = nullptr;
  if (!top.names.insert(name).second)
    return fail("expected each name once, found " + quoteName(name) + " twice");
  Result<JsonPlace *> place = top.place->member(name);
  if (!place)
    return fail(place.message());
  top.next = *place;
  top.name = std::move(name);
  return true;
}

bool Driver::end() {
  JsonPlace *place = frames.back().place;
  frames.pop_back();
  return check(place->end());
}

bool Driver::parse_error(size_t, const std::string &token,
                         const json::exception &) {
  return fail("expected JSON, found a syntax error after '" +
              escapeName(token) + "'");
}

/// What the parser itself would let pass: blanks or a byte order mark at the
/// start, and a zero byte as the end.
static Status checkRaw(std::string_view document, std::string_view file,
                       uint64_t base) {
  if (document.size() > kMaxJsonBytes)
    return fileError(file, "expected at most ", kMaxJsonBytes,
                     " bytes of JSON, found ", document.size());
  if (document.empty() || document[0] != '{')
    return fileError(file, "at byte ", base, ": expected '{', found '",
                     escapeName(document.substr(0, 1)), "'");
  size_t zero = document.find('\0');
  if (zero != std::string_view::npos)
    return fileError(file, "at byte ", base + zero,
                     ": expected JSON, found a zero byte");
  return {};
}

Status checkpoint::parseStrictJson(std::string_view document,
                                   std::string_view file, uint64_t base,
                                   JsonPlace &root) {
  if (Status status = checkRaw(document, file, base); !status)
    return status;
  Driver driver(root);
  const char *first = document.data(), *reached = first;
  bool isRead = json::sax_parse(
      CountingIterator(first, &reached),
      CountingIterator(first + document.size(), &reached), &driver);
  if (isRead)
    return {};
  uint64_t place = base + static_cast<uint64_t>(reached - first);
  return fileError(file, "near byte ", place, ": ", driver.failure->message);
}

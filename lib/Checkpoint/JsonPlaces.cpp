//===- JsonPlaces.cpp - What may stand in a document ----------------------===//
//
// The places that StrictJson.h declares: what each takes and how it refuses
// the rest. The parser is not here.
//
//===----------------------------------------------------------------------===//

#include "StrictJson.h"

#include "sparse-opt/Checkpoint/Names.h"

#include <utility>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

JsonPlace::~JsonPlace() = default;

Error JsonPlace::refuse(const std::string &found) const {
  return {"expected " + expected() + ", found " + found};
}

Status JsonPlace::text(std::string &value) {
  return refuse("the string " + quoteName(value));
}

Status JsonPlace::integer(uint64_t value) {
  return refuse(std::to_string(value));
}

Status JsonPlace::other(const std::string &spelling) {
  return refuse(escapeName(spelling));
}

Status JsonPlace::beginObject() { return refuse("an object"); }
Status JsonPlace::beginArray() { return refuse("a list"); }
Result<JsonPlace *> JsonPlace::member(const std::string &) {
  return refuse("a member");
}
Result<JsonPlace *> JsonPlace::element() { return refuse("an element"); }
Status JsonPlace::end() { return {}; }

Status JsonText::text(std::string &text) {
  value = std::move(text);
  return {};
}

Status JsonInteger::integer(uint64_t number) {
  value = number;
  return {};
}

std::string JsonIntegers::expected() const {
  if (inside)
    return "an integer >= 0";
  if (least == most)
    return "a list of " + std::to_string(most) + " integers";
  return "a list of at most " + std::to_string(most) + " integers";
}

Status JsonIntegers::beginArray() {
  if (inside)
    return refuse("a list");
  inside = true;
  values.clear();
  return {};
}

Result<JsonPlace *> JsonIntegers::element() {
  if (values.size() < most)
    return this;
  inside = false;
  return refuse("more");
}

Status JsonIntegers::integer(uint64_t number) {
  if (!inside)
    return refuse(std::to_string(number));
  values.push_back(number);
  return {};
}

Status JsonIntegers::end() {
  inside = false;
  if (values.size() < least)
    return refuse(std::to_string(values.size()));
  return {};
}

std::string JsonTextMap::expected() const {
  return slot ? "a string" : "an object of strings";
}

Status JsonTextMap::beginObject() {
  if (slot)
    return refuse("an object");
  return {};
}

Result<JsonPlace *> JsonTextMap::member(const std::string &key) {
  slot = &values[key];
  return this;
}

Status JsonTextMap::text(std::string &text) {
  if (!slot)
    return JsonPlace::text(text);
  *slot = std::move(text);
  return {};
}

Status JsonTextMap::end() {
  slot = nullptr;
  return {};
}

Status JsonRecord::beginObject() {
  for (Field &field : fields)
    field.isSeen = false;
  return {};
}

Result<JsonPlace *> JsonRecord::member(const std::string &key) {
  std::string known;
  for (Field &field : fields) {
    if (key == field.name) {
      field.isSeen = true;
      return field.place;
    }
    known += (known.empty() ? "" : ", ") + std::string(field.name);
  }
  return makeError("expected one of the fields ", known, ", found ",
                   quoteName(key));
}

Status JsonRecord::end() {
  for (const Field &field : fields)
    if (field.isRequired && !field.isSeen)
      return makeError("expected a field '", field.name, "', found none");
  return complete();
}

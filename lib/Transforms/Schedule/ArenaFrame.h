//===- ArenaFrame.h - What a function or a chunk needs of the arena -------===//
//
// Requests for memory with their lifetimes, laid out in slots. A function has a
// frame; a parallel loop over chunks is one request of it, of a frame for every
// chunk; so is a call of a function with a frame of its own.
//
//===----------------------------------------------------------------------===//
//
//   frame of f     | slot 0    | slot 1              | slot 2     |
//                    %a, %b      loop: chunk 0 | 1 |   call of g
//                                      %c %d   %c %d
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_ARENAFRAME_H
#define SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_ARENAFRAME_H

#include "EntryValues.h"

namespace mlir::sparsity {

/// Bytes that every piece of the arena starts at a multiple of.
inline constexpr int64_t kArenaAlignment = 64;

/// Memory for `op` (an allocation, a call or a parallel loop) between two
/// positions of the function.
struct ArenaRequest {
  Operation *op;
  int64_t begin, end;
  /// Bytes, a multiple of the alignment: a constant, or else a value at entry.
  int64_t bytes = -1;
  Value size = {};
  /// What freed an allocation before: the arena does so now.
  SmallVector<Operation *> deallocs = {};
};

class ArenaFrame {
public:
  /// Requests come in the order of where they begin.
  void add(ArenaRequest request) { requests.push_back(std::move(request)); }
  bool empty() const { return requests.empty(); }
  size_t numRequests() const { return requests.size(); }
  size_t numSlots() const { return slots.size(); }

  /// Assigns slots and computes `size`; once, after the last request.
  void layOut(EntryValues &entry);
  /// Bytes of all slots, at entry.
  Value getSize() const { return size; }
  /// Calls place(request, first byte in the frame) for every request.
  void forEach(function_ref<void(const ArenaRequest &, Value offset)> place);

private:
  /// A piece of the frame. Its requests are alive at different times.
  struct Slot {
    int64_t freeFrom = 0, bytes = 0;
    SmallVector<Value> sizes;
    Value offset;
  };
  Slot *findSlot(const ArenaRequest &request);

  SmallVector<ArenaRequest> requests;
  /// The slot of each request.
  SmallVector<unsigned> places;
  SmallVector<Slot, 0> slots;
  Value size;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_ARENAFRAME_H

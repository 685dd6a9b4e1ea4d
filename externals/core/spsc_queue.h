#pragma once
// SpscQueue carries small values from one writer thread to one reader thread. It owns a fixed number
// of places, never waits, and answers false when it is full or empty. Allocates when made only.

#include <atomic>
#include <bit>
#include <cstddef>
#include <vector>

#include "core/realtime.h"

namespace sideman {

template <typename T>
class SpscQueue {
 public:
  explicit SpscQueue(size_t capacity)
      : places_(std::bit_ceil(capacity)), capacity_(capacity), mask_(places_.size() - 1) {}

  // Writer.
  bool full() const SIDEMAN_REALTIME {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_acquire) ==
           capacity_;
  }
  bool try_push(const T& value) SIDEMAN_REALTIME {
    if (full()) return false;
    const size_t tail = tail_.load(std::memory_order_relaxed);
    places_[tail & mask_] = value;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Reader.
  bool try_pop(T& value) SIDEMAN_REALTIME {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    value = places_[head & mask_];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  std::vector<T> places_;
  const size_t capacity_;
  const size_t mask_;
  alignas(64) std::atomic<size_t> head_{0};
  alignas(64) std::atomic<size_t> tail_{0};
};

}  // namespace sideman

#pragma once
// Messages on their way to Max's main thread. Any thread may post, the audio thread too ("Scheduler
// in Audio Interrupt" delivers messages there): posting never allocates and never waits.
// One reader, the main thread.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "core/realtime.h"
#include "core/settings.h"
#include "core/tags.h"
#include "max/max_api.h"

namespace sideman {

struct Letter {
  // The longest message: a tag and its weight each, or a name for each part.
  static constexpr long most_atoms = std::max<long>(2 * most_tags, most_parts);
  t_symbol* selector = nullptr;
  long count = 0;
  std::array<t_atom, most_atoms> atoms{};
};

class Mailbox {
 public:
  // When the box is full the newest letter waits outside, and takes the place of the one that did:
  // where a fader came to rest is not lost. False when the letter is too long, or another thread is
  // posting for longer than a moment. What is lost is counted.
  bool post(t_symbol* selector, long count, const t_atom* atoms) SIDEMAN_REALTIME {
    if (count > Letter::most_atoms || !claim()) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    const uint32_t end = end_.load(std::memory_order_relaxed);
    const bool room = !outside_.selector && end - begin_.load(std::memory_order_acquire) < capacity;
    if (!room && outside_.selector) lost_.fetch_add(1, std::memory_order_relaxed);
    Letter& letter = room ? letters_[end % capacity] : outside_;
    letter.selector = selector;
    letter.count = count;
    for (long i = 0; i < count; ++i) {
      letter.atoms[static_cast<size_t>(i)] = atoms[i];
    }
    if (room) {
      end_.store(end + 1, std::memory_order_release);
    } else {
      waits_.store(true, std::memory_order_release);
    }
    posting_.clear(std::memory_order_release);
    return true;
  }

  // Main thread.
  std::optional<Letter> take() {
    const uint32_t begin = begin_.load(std::memory_order_relaxed);
    if (begin == end_.load(std::memory_order_acquire)) {
      return take_outside();
    }
    const Letter letter = letters_[begin % capacity];
    begin_.store(begin + 1, std::memory_order_release);
    return letter;
  }

  // How many were lost since the last call.
  int64_t take_lost() { return lost_.exchange(0, std::memory_order_relaxed); }

 private:
  static constexpr uint32_t capacity = 64;
  static constexpr int patience = 1000;  // tries: some microseconds

  std::optional<Letter> take_outside() {
    // Where none waits nobody who posts shall find the box claimed.
    if (!waits_.load(std::memory_order_acquire) || !claim()) return std::nullopt;
    std::optional<Letter> letter;
    // While one waits outside nothing more comes in, so what is in was before it.
    const bool empty = begin_.load(std::memory_order_relaxed) == end_.load(std::memory_order_relaxed);
    if (outside_.selector && empty) {
      letter = outside_;
      outside_.selector = nullptr;
      waits_.store(false, std::memory_order_relaxed);
    }
    posting_.clear(std::memory_order_release);
    return letter;
  }

  bool claim() SIDEMAN_REALTIME {
    for (int i = 0; i < patience; ++i) {
      if (!posting_.test_and_set(std::memory_order_acquire)) {
        return true;
      }
    }
    return false;
  }

  std::array<Letter, capacity> letters_{};
  Letter outside_{};  // held with posting_; without a selector there is none
  std::atomic<bool> waits_{false};  // it is there
  std::atomic<uint32_t> begin_{0}, end_{0};
  std::atomic<int64_t> lost_{0};
  std::atomic_flag posting_ = ATOMIC_FLAG_INIT;
};

}  // namespace sideman

#pragma once
// Messages on their way to Max's main thread. Any thread may post, the audio thread too ("Scheduler
// in Audio Interrupt" delivers messages there): posting never allocates, never waits and fails when
// the box is full. One reader, the main thread.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "core/realtime.h"
#include "core/settings.h"
#include "core/tags.h"
#include "ext.h"
#include "ext_obex.h"

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
  // False, and counted, when the letter is too long, the box full, or another thread is posting
  // for longer than a moment.
  bool post(t_symbol* selector, long count, const t_atom* atoms) SIDEMAN_REALTIME {
    if (count <= Letter::most_atoms && claim()) {
      const uint32_t end = end_.load(std::memory_order_relaxed);
      const bool room = end - begin_.load(std::memory_order_acquire) < capacity;
      if (room) {
        Letter& letter = letters_[end % capacity];
        letter.selector = selector;
        letter.count = count;
        for (long i = 0; i < count; ++i) {
          letter.atoms[static_cast<size_t>(i)] = atoms[i];
        }
        end_.store(end + 1, std::memory_order_release);
      }
      posting_.clear(std::memory_order_release);
      if (room) {
        return true;
      }
    }
    lost_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }

  // Main thread.
  std::optional<Letter> take() {
    const uint32_t begin = begin_.load(std::memory_order_relaxed);
    if (begin == end_.load(std::memory_order_acquire)) {
      return std::nullopt;
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

  bool claim() SIDEMAN_REALTIME {
    for (int i = 0; i < patience; ++i) {
      if (!posting_.test_and_set(std::memory_order_acquire)) {
        return true;
      }
    }
    return false;
  }

  std::array<Letter, capacity> letters_{};
  std::atomic<uint32_t> begin_{0}, end_{0};
  std::atomic<int64_t> lost_{0};
  std::atomic_flag posting_ = ATOMIC_FLAG_INIT;
};

}  // namespace sideman

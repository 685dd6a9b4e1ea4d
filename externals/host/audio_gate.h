#pragma once
// Lets the control thread take an engine away from the audio thread when the host quits without
// freeing its objects. The audio thread passes the gate once per vector and never waits; the
// control thread closes it and waits a moment for a vector under way.

#include <atomic>
#include <chrono>
#include <thread>

#include "core/realtime.h"

namespace sideman {

class AudioGate {
 public:
  // True: the engine is there until `leave`. Audio thread.
  bool enter() SIDEMAN_REALTIME {
    inside_.store(true, std::memory_order_seq_cst);
    if (!closed_.load(std::memory_order_seq_cst)) {
      return true;
    }
    inside_.store(false, std::memory_order_release);
    return false;
  }
  void leave() SIDEMAN_REALTIME { inside_.store(false, std::memory_order_release); }

  // Whether the audio thread is between the two now. Control thread: what is taken away before this
  // is asked, and in that order for all, nobody who enters later will see.
  bool inside() const { return inside_.load(std::memory_order_seq_cst); }

  // True when the audio thread is outside for good. Control thread.
  bool close(std::chrono::milliseconds patience) {
    closed_.store(true, std::memory_order_seq_cst);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (inside_.load(std::memory_order_seq_cst)) {
      if (std::chrono::steady_clock::now() >= until) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

 private:
  std::atomic<bool> inside_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace sideman

#pragma once
// The two threads of the pretended Max beside the test's own, which is its main thread.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "world.h"

namespace maxhost {

// Plays the chain by itself when asked to run free, and does jobs that are called for.
struct AudioThread {
  std::mutex mutex;
  std::condition_variable wake;
  std::function<void()> job;
  std::promise<void> done;
  long free_vector = 0;
  double free_speed = 1.0;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> vectors{0};

  void run();
  // Runs a task on this thread; returns when it is done.
  void call(std::function<void()> task);

 private:
  void run_vector(long samples);

  uint32_t noise_ = 1;
};

struct Threads {
  AudioThread audio;
  std::atomic<bool> stop{false};
  std::thread audio_thread{[this] { audio.run(); }};
  std::thread scheduler_thread{[this] {
    role = Role::scheduler;
    while (!stop) {
      if (!world().in_audio_interrupt) {
        run_scheduler();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  }};

  ~Threads() {
    stop = audio.stop = true;
    audio_thread.join();
    scheduler_thread.join();
  }
};

}  // namespace maxhost

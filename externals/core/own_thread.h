#pragma once
// Threads of our own. Any thread but the audio thread may start one.

#include <thread>
#include <utility>

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#endif

namespace sideman {

// On Linux a thread begins with the policy of the one that starts it, and in Pd that is the audio
// thread's: what computes for long at a real-time priority stops the audio. The threads that this one
// starts begin with its new policy.
inline void leave_realtime() noexcept {
#ifdef __linux__
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);
#endif
}

template <typename Run>
std::thread own_thread(Run run) {
  return std::thread([run = std::move(run)]() mutable {
    leave_realtime();
    run();
  });
}

}  // namespace sideman

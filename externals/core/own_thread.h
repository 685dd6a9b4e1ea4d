#pragma once
// Threads of our own. Any thread but the audio thread may start one.

#include <cstddef>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#ifndef _WIN32
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

#ifdef _WIN32

using OwnThread = std::thread;

template <typename Run>
OwnThread own_thread(Run run) {
  return std::thread(std::move(run));
}

#else

// macOS gives a thread 512 KB of stack, and one that Python overflows ends the host: CPython gives
// its own threads so much there.
inline constexpr size_t own_stack_bytes = 16 << 20;

// A std::thread with that stack: to be joined or detached before it goes.
class OwnThread {
 public:
  OwnThread() = default;
  OwnThread(OwnThread&& other) noexcept { *this = std::move(other); }
  OwnThread& operator=(OwnThread&& other) noexcept {
    if (joinable_) std::terminate();
    thread_ = other.thread_;
    joinable_ = std::exchange(other.joinable_, false);
    return *this;
  }
  ~OwnThread() {
    if (joinable_) std::terminate();
  }

  // Throws std::system_error where the system has no thread left.
  template <typename Run>
  explicit OwnThread(std::unique_ptr<Run> run) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, own_stack_bytes);
    const int failed = pthread_create(&thread_, &attributes, &begin<Run>, run.get());
    pthread_attr_destroy(&attributes);
    if (failed != 0) throw std::system_error(failed, std::generic_category(), "a thread of ours");
    static_cast<void>(run.release());  // the thread's now
    joinable_ = true;
  }

  bool joinable() const { return joinable_; }
  void join() {
    pthread_join(thread_, nullptr);
    joinable_ = false;
  }
  void detach() {
    pthread_detach(thread_);
    joinable_ = false;
  }

 private:
  template <typename Run>
  static void* begin(void* given) noexcept {
    const std::unique_ptr<Run> run(static_cast<Run*>(given));
    leave_realtime();
    (*run)();
    return nullptr;
  }

  pthread_t thread_{};
  bool joinable_ = false;
};

template <typename Run>
OwnThread own_thread(Run run) {
  return OwnThread(std::make_unique<Run>(std::move(run)));
}

#endif

}  // namespace sideman

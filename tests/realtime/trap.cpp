#include "realtime/trap.h"

#include <atomic>
#include <csignal>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIDEMAN_SANITIZED 1
#else
#define SIDEMAN_SANITIZED 0
#endif

namespace sideman::trap {
namespace {

std::atomic<int64_t> counts[4];
thread_local bool armed = false;

#if defined(__linux__) && !SIDEMAN_SANITIZED
constexpr int set_dispatch = 59;  // PR_SET_SYSCALL_USER_DISPATCH, newer than some headers
constexpr char allow = 0;
constexpr char block = 1;
thread_local volatile char dispatch = allow;

// The kernel hands a blocked call back unmade. The way is opened before returning, because the
// return itself is a system call; the next Armed closes it again.
void on_system_call(int) {
  dispatch = allow;
  spring(Kind::system_call);
}

bool watch_system_calls() {
  static const bool handled = [] {
    struct sigaction action {};
    action.sa_handler = on_system_call;
    return sigaction(SIGSYS, &action, nullptr) == 0;
  }();
  thread_local const bool watched = handled && prctl(set_dispatch, 1, 0, 0, &dispatch) == 0;
  return watched;
}

void set_system_calls(bool blocked) {
  if (watch_system_calls()) dispatch = blocked ? block : allow;
}
#else
bool watch_system_calls() { return false; }
void set_system_calls(bool) {}
#endif

}  // namespace

Armed::Armed() noexcept {
  set_system_calls(true);
  armed = true;
}

Armed::~Armed() noexcept {
  armed = false;
  set_system_calls(false);
}

void spring(Kind kind) noexcept {
  if (armed) counts[static_cast<int>(kind)].fetch_add(1, std::memory_order_relaxed);
}

bool sees(Kind kind) noexcept {
  if (kind == Kind::allocation) return true;
  return kind == Kind::system_call ? watch_system_calls() : !SIDEMAN_SANITIZED;
}

int64_t caught(Kind kind) noexcept { return counts[static_cast<int>(kind)].load(); }

int64_t caught_any() noexcept {
  int64_t sum = 0;
  for (const auto& count : counts) sum += count.load();
  return sum;
}

void clear() noexcept {
  for (auto& count : counts) count.store(0);
}

}  // namespace sideman::trap

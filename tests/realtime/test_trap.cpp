// The trap itself: it catches one planted offence of each kind, and nothing when none is made.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "realtime/trap.h"

using namespace sideman;
using trap::Kind;

namespace {

void* volatile sink = nullptr;

// Under a sanitizer allocations alone are seen; system calls are where the kernel shows them.
bool unseen(Kind kind) {
  if (trap::sees(kind)) return false;
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  if (kind == Kind::system_call) MESSAGE("this kernel does not show system calls: they go unwatched");
  else FAIL("the trap is blind");
#endif
  return true;
}

template <typename Offence>
int64_t caught_of(Kind kind, Offence&& offence) {
  trap::clear();
  {
    const trap::Armed armed;
    offence();
  }
  return trap::caught(kind);
}

}  // namespace

TEST_CASE("an allocation springs the trap, in every spelling, and so does its release") {
  CHECK(caught_of(Kind::allocation, [] { sink = std::malloc(10); }) == 1);
  CHECK(caught_of(Kind::allocation, [] { std::free(sink); }) == 1);
  CHECK(caught_of(Kind::allocation, [] { sink = new int(1); }) == 1);
  CHECK(caught_of(Kind::allocation, [] { delete static_cast<int*>(sink); }) == 1);
  std::vector<float> grown;
  CHECK(caught_of(Kind::allocation, [&] { grown.push_back(1.0f); }) == 1);
}

TEST_CASE("a lock springs the trap, taken or only tried") {
  if (unseen(Kind::lock)) return;
  std::mutex mutex;
  CHECK(caught_of(Kind::lock, [&] { const std::lock_guard lock(mutex); }) == 1);
  CHECK(caught_of(Kind::lock, [&] {
          if (mutex.try_lock()) mutex.unlock();
        }) == 1);
}

TEST_CASE("a system call springs the trap, also one that no library function stands for") {
  if (unseen(Kind::system_call)) return;
  CHECK(caught_of(Kind::system_call, [] { (void)::getppid(); }) == 1);
  CHECK(caught_of(Kind::system_call, [] { std::this_thread::yield(); }) == 1);
#if defined(__x86_64__)
  CHECK(caught_of(Kind::system_call, [] {
          int64_t number = 39;  // getpid
          asm volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
        }) == 1);
#endif
}

TEST_CASE("every thread can be watched") {
  if (unseen(Kind::system_call)) return;
  int64_t caught = 0;
  std::thread([&] { caught = caught_of(Kind::system_call, [] { (void)::getppid(); }); }).join();
  CHECK(caught == 1);
}

TEST_CASE("an exception springs the trap") {
  if (unseen(Kind::exception)) return;
  CHECK(caught_of(Kind::exception, [] {
          try {
            throw 1;
          } catch (int) {
          }
        }) == 1);
}

TEST_CASE("what is allowed does not spring the trap") {
  std::vector<float> vector(64);
  trap::clear();
  {
    const trap::Armed armed;
    for (float& x : vector) x += 1.0f;
  }
  CHECK(trap::caught_any() == 0);
}

TEST_CASE("only the armed thread is watched") {
  trap::clear();
  std::unique_ptr<int> made;
  std::thread other;
  {
    other = std::thread([&] { made = std::make_unique<int>(1); });
    const trap::Armed armed;
    for (int i = 0; i < 100000; ++i) sink = &made;
  }
  other.join();
  CHECK(trap::caught_any() == 0);
}

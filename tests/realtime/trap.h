#pragma once
// The trap: while a thread is armed, every allocation, lock, system call and exception it makes is
// counted. Nothing is stopped, so one run finds them all. Arm around process() only.
//
// Allocations, locks and exceptions are caught by functions of the C and C++ libraries that this
// executable defines itself; system calls by the kernel (syscall user dispatch, Linux 5.11), which
// also sees those that no function of a library stands for. Under a sanitizer, which needs the same
// functions, allocations are caught through the sanitizer and the rest is left to the plain build.

#include <cstdint>

namespace sideman::trap {

enum class Kind { allocation, lock, system_call, exception };

// For the time of its life, this thread is watched.
class Armed {
 public:
  Armed() noexcept;
  ~Armed() noexcept;
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
};

// Whether this build, on this kernel, can see such things at all.
bool sees(Kind kind) noexcept;
int64_t caught(Kind kind) noexcept;
int64_t caught_any() noexcept;
void clear() noexcept;

// For the functions that stand in for the libraries' own.
void spring(Kind kind) noexcept;

}  // namespace sideman::trap

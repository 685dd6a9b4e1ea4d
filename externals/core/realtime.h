#pragma once
// SIDEMAN_REALTIME marks every function that the audio thread may call. Such a function never
// allocates, locks, logs, throws or calls the system; tests/realtime traps each of these, and a
// clang that knows `nonblocking` checks the callees at compile time.

#if defined(__clang__) && defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::nonblocking)
#define SIDEMAN_REALTIME noexcept [[clang::nonblocking]]
#endif
#endif
#ifndef SIDEMAN_REALTIME
#define SIDEMAN_REALTIME noexcept
#endif

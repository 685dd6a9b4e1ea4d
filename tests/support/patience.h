#pragma once
// Waiting in tests of threads: a short sleep, which a busy machine honours better than a yield.

#include <chrono>
#include <thread>

namespace sideman::test {

inline void breathe() { std::this_thread::sleep_for(std::chrono::microseconds(20)); }

}  // namespace sideman::test

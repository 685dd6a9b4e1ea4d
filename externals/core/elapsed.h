#pragma once
// Milliseconds since a moment of the steady clock. Any thread but audio.

#include <chrono>

namespace sideman {

inline double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace sideman

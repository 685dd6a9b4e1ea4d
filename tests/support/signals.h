#pragma once
// Test music: sums of sines that can be asked for at any moment, also between samples, and noise.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace sideman::test {

// Whole frequencies, so that it repeats every second; well inside the band of every rate from 44.1
// kHz on.
inline double music_at(double seconds) {
  constexpr double hertz[] = {110.0, 441.0, 1237.0, 4999.0, 9973.0, 15013.0};
  double sum = 0.0;
  for (const double f : hertz) sum += std::sin(2.0 * std::numbers::pi * f * seconds);
  return sum * 0.12;
}

inline std::vector<float> music(int64_t samples, double rate) {
  std::vector<float> out(static_cast<size_t>(samples));
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(music_at(static_cast<double>(i) / rate));
  }
  return out;
}

inline std::vector<float> sine(int64_t samples, double hertz, double rate, double amplitude) {
  std::vector<float> out(static_cast<size_t>(samples));
  for (size_t i = 0; i < out.size(); ++i) {
    const double phase = 2.0 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    out[i] = static_cast<float>(amplitude * std::sin(phase));
  }
  return out;
}

inline std::vector<float> noise(int64_t samples, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-0.9f, 0.9f);
  std::vector<float> out(static_cast<size_t>(samples));
  for (float& x : out) x = value(random);
  return out;
}

// Infinite where the audio is no number.
inline double largest_step(const std::vector<float>& audio) {
  double step = 0.0;
  for (size_t i = 1; i < audio.size(); ++i) {
    const double one = std::abs(static_cast<double>(audio[i]) - audio[i - 1]);
    step = std::isfinite(one) ? std::max(step, one) : HUGE_VAL;
  }
  return step;
}

}  // namespace sideman::test

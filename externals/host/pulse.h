#pragma once
// Pulse tells from the seconds of audio so far whether the audio stands still, as when DSP is off. A
// host says nothing of that: it stops asking. Control thread.

#include <chrono>

namespace sideman {

class Pulse {
 public:
  enum class Stop { none, brief, lasting };

  using Moment = std::chrono::steady_clock::time_point;

  // Each kind of stop is told once. A heavy patch may miss a few vectors: that is none.
  Stop feel(double audio_seconds, Moment now) {
    if (audio_seconds != audio_seconds_) {
      audio_seconds_ = audio_seconds;
      since_ = now;
      told_ = Stop::none;
      return Stop::none;
    }
    if (audio_seconds == 0.0) return Stop::none;
    const auto still = now - since_;
    const Stop stop = still >= lasting ? Stop::lasting : still >= brief ? Stop::brief : Stop::none;
    if (stop <= told_) return Stop::none;
    told_ = stop;
    return stop;
  }

 private:
  static constexpr std::chrono::milliseconds brief{250}, lasting{2000};

  double audio_seconds_ = 0.0;
  Moment since_{};
  Stop told_ = Stop::none;
};

}  // namespace sideman

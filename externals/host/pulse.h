#pragma once
// Pulse tells from the seconds of audio so far whether the audio stands still, as when DSP is off. A
// host says nothing of that: it stops asking. Control thread.

#include <algorithm>
#include <chrono>

namespace sideman {

class Pulse {
 public:
  enum class Stop { none, brief, lasting };

  using Moment = std::chrono::steady_clock::time_point;

  // Each kind of stop is told once. A heavy patch may miss a few vectors: that is none; nor is it
  // one that long vectors are far apart.
  Stop feel(double audio_seconds, Moment now, double vector_seconds) {
    lost_ = 0.0;
    if (audio_seconds != audio_seconds_) {
      const double gap = still(now) - (audio_seconds - audio_seconds_);
      // One that nobody looked at while it lasted, as when the host itself hung, counts too.
      const bool unseen = audio_seconds_ > 0.0 && gap >= brief(vector_seconds);
      if (told_ != Stop::none || unseen) lost_ = std::max(0.0, gap);
      audio_seconds_ = audio_seconds;
      since_ = now;
      told_ = Stop::none;
      return Stop::none;
    }
    if (audio_seconds == 0.0) return Stop::none;
    const double still_for = still(now);
    const Stop stop = still_for >= std::max(2.0, 10.0 * vector_seconds)   ? Stop::lasting
                      : still_for >= brief(vector_seconds)                ? Stop::brief
                                                                          : Stop::none;
    if (stop <= told_) return Stop::none;
    told_ = stop;
    return stop;
  }

  // Seconds since the audio stopped, 0 while it has not; and how long it had, where it just went on.
  double stopped_for(Moment now) const { return told_ == Stop::none ? 0.0 : still(now); }
  double lost() const { return lost_; }

 private:
  static double brief(double vector_seconds) { return std::max(0.25, 3.0 * vector_seconds); }
  double still(Moment now) const { return std::chrono::duration<double>(now - since_).count(); }

  double audio_seconds_ = 0.0;
  Moment since_{};
  Stop told_ = Stop::none;
  double lost_ = 0.0;
};

}  // namespace sideman

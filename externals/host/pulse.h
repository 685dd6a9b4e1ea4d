#pragma once
// Pulse tells from the seconds of audio so far whether the audio stands still, as when DSP is off, and
// what was lost in stops, short ones too. A host says nothing of that: it stops asking. Control thread.

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace sideman {

// Audio comes in bursts, so how far it is behind the clock is the least of a while. What that grows
// by is lost for good: a chain was built again, or a busy machine left vectors out.
class ShortStops {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Seconds lost since the last call; told within two whiles.
  double feel(double audio_seconds, Moment now, double vector_seconds) {
    const double clock = std::chrono::duration<double>(now.time_since_epoch()).count();
    least_ = std::min(least_, clock - audio_seconds);
    if (++looks_ < least_looks || clock - since_ < std::max(0.5, 3.0 * vector_seconds)) return 0.0;
    since_ = clock;
    looks_ = 0;
    const double behind = std::exchange(least_, none);
    const double grown = behind - counted_;
    if (grown >= 0.0 && grown < least_loss) return 0.0;
    const bool first = std::exchange(counted_, behind) == none;
    return first ? 0.0 : std::max(0.0, grown);
  }

 private:
  static constexpr double none = std::numeric_limits<double>::max();
  static constexpr double least_loss = 0.02;
  static constexpr int least_looks = 8;  // a control thread that hung may have met any moment

  double since_ = 0.0;
  int looks_ = 0;
  double least_ = none;    // of this while
  double counted_ = none;  // of the one from which on it is told
};

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
      if (told_ != Stop::none || unseen) {
        lost_ = std::max(0.0, gap);
        short_stops_ = {};
      } else {
        lost_ = short_stops_.feel(audio_seconds, now, vector_seconds);
      }
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

  // Seconds since the audio stopped, 0 while it has not; and what was lost, where it just went on or
  // short stops have added up.
  double stopped_for(Moment now) const { return told_ == Stop::none ? 0.0 : still(now); }
  double lost() const { return lost_; }

 private:
  static double brief(double vector_seconds) { return std::max(0.25, 3.0 * vector_seconds); }
  double still(Moment now) const { return std::chrono::duration<double>(now - since_).count(); }

  double audio_seconds_ = 0.0;
  Moment since_{};
  Stop told_ = Stop::none;
  double lost_ = 0.0;
  ShortStops short_stops_;
};

}  // namespace sideman

#pragma once
// Stream is everything that is sized by the host's rate and the grid, from the first sample heard to
// the last one played: ring, listener, player, speaker. A reset, a new hop, lead, rate or model is a
// new stream; results for an old one go into the old one and vanish with it. Made on control or
// worker threads; `render` is the audio thread's; the worker reads `ring` and offers to `player`.

#include <atomic>
#include <cstdint>

#include "core/backend.h"
#include "core/fade.h"
#include "core/grid.h"
#include "core/listener.h"
#include "core/player.h"
#include "core/realtime.h"
#include "core/speaker.h"
#include "core/spsc_ring.h"
#include "core/stats.h"

namespace sideman {

// The host's vectors are cut into pieces of at most this many samples.
inline constexpr int chunk_samples = 256;

// What the settings say to the audio thread; taken up at the next chunk.
struct PlayControls {
  bool audible = true;
  bool hold = false;
};

class Stream {
 public:
  // `stats` must outlive the stream.
  Stream(const StreamPlan& plan, int32_t host_rate, double fade_ms, Stats& stats);

  const StreamPlan& plan() const { return plan_; }
  const Grid& grid() const { return plan_.grid; }
  int32_t host_rate() const { return host_rate_; }
  int fade_samples() const { return fade_samples_; }  // at the model's rate
  // Samples at the host's rate from inlet to outlet.
  int64_t latency_samples() const;
  // The moment (on the stage's clock, in seconds) at which a sample of the stream leaves the outlet.
  double seconds_at(int64_t sample) const;
  // The same for the moment at which it came in.
  double heard_at(int64_t sample) const;

  const SpscRing& ring() const { return ring_; }
  Player& player() { return player_; }
  const Player& player() const { return player_; }

  // Worker: hops answered, failed or skipped so far; the rest is still to come.
  void set_answered(int64_t hops) { answered_.store(hops, std::memory_order_release); }
  int64_t answered() const { return answered_.load(std::memory_order_acquire); }

  // Audio.
  void start(double seconds, bool audible) SIDEMAN_REALTIME;
  // in: `heard_channels` vectors.
  void render(const float* const* in, float* const* out, int samples,
              PlayControls controls) SIDEMAN_REALTIME;
  void rise() SIDEMAN_REALTIME { level_ = 0; }  // from silence
  bool faded_out() const SIDEMAN_REALTIME { return level_ == 0; }

 private:
  void shape(float* const* out, int samples, bool audible) SIDEMAN_REALTIME;

  const StreamPlan plan_;
  const int32_t host_rate_;
  const int fade_samples_;
  const FadeCurve curve_;  // at the host's rate, over everything that leaves
  SpscRing ring_;
  Listener listener_;
  Player player_;
  Speaker speaker_;
  int level_ = 0;
  std::atomic<double> started_{0.0};
  std::atomic<int64_t> answered_{0};
};

}  // namespace sideman

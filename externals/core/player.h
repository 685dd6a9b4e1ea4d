#pragma once
// Player is the hand: it puts every result at its slot, in time counted since the start of the
// stream, so a late or missing one can never shift the others. The worker offers, the audio thread
// plays; `position` may be read by anyone. All result memory is made with the player.
//
// One envelope, in whole steps of the fade, tells how much of the results sounds. It rises where
// results begin or come late, falls so that it ends with the last sample known, and stays at exactly
// 1 across results that continue each other. What it leaves open is silence, or, with `hold`, the
// last slot repeated.

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "core/fade.h"
#include "core/grid.h"
#include "core/realtime.h"
#include "core/spsc_queue.h"
#include "core/stats.h"

namespace sideman {

class Player {
 public:
  // `stats` must outlive the player.
  Player(const Grid& grid, int parts, int fade_samples, Stats& stats);

  // Worker: copies [parts * hop_samples]; false when there is no room (the stream stands still).
  bool offer(Interval slot, bool continuous, std::span<const float> audio);

  // Audio: the next `samples` of every part.
  void play(float* const* out, int samples, bool hold) SIDEMAN_REALTIME;

  // Anyone: the next sample to be played.
  int64_t position() const SIDEMAN_REALTIME { return position_.load(std::memory_order_acquire); }

 private:
  struct Result {
    Interval slot;
    bool continuous = true;
    bool sounded = false;
    std::vector<float> audio;
  };

  void take_offers() SIDEMAN_REALTIME;
  void drop_passed() SIDEMAN_REALTIME;
  void hand_back(Result* result) SIDEMAN_REALTIME;
  int64_t known_end() const SIDEMAN_REALTIME;
  int play_open(float* const* out, int offset, int samples, bool hold) SIDEMAN_REALTIME;
  int play_result(float* const* out, int offset, int samples, bool hold) SIDEMAN_REALTIME;
  void hold_last(Result* result, int64_t end) SIDEMAN_REALTIME;
  float held_sample(int part) const SIDEMAN_REALTIME;
  void step_hold(bool hold) SIDEMAN_REALTIME;

  const int parts_;
  const int64_t hop_;
  const int64_t first_slot_;
  const FadeCurve curve_;
  Stats& stats_;

  std::vector<Result> results_;
  SpscQueue<Result*> offered_;  // worker -> audio
  SpscQueue<Result*> free_;     // audio -> worker

  // Audio thread only.
  std::vector<Result*> line_;  // in the order of their slots; the first `waiting_` are in use
  size_t waiting_ = 0;
  int64_t now_ = 0;
  int level_ = 0;       // of the results, 0..fade
  int hold_level_ = 0;  // follows the `hold` setting, so that a change makes no step
  Result* held_ = nullptr;
  int64_t held_begin_ = 0;

  std::atomic<int64_t> position_{0};
};

}  // namespace sideman

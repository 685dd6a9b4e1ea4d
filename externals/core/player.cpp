#include "core/player.h"

#include <algorithm>

namespace sideman {
namespace {

// Results that can wait for their slots, the one that sounds, the one that is held, and a spare.
size_t results_needed(const Grid& grid) {
  return static_cast<size_t>(grid.reach_frames() / grid.hop_frames) + 5;
}

}  // namespace

Player::Player(const Grid& grid, int parts, int fade_samples, Stats& stats)
    : parts_(parts),
      hop_(grid.hop_samples()),
      first_slot_(grid.slot(0).begin),
      curve_(fade_samples),
      stats_(stats),
      results_(results_needed(grid)),
      offered_(results_.size()),
      free_(results_.size()),
      line_(results_.size(), nullptr) {
  for (Result& result : results_) {
    result.audio.resize(static_cast<size_t>(parts * hop_));
    free_.try_push(&result);
  }
}

bool Player::offer(Interval slot, bool continuous, std::span<const float> audio) {
  Result* result = nullptr;
  if (!free_.try_pop(result)) return false;
  result->slot = slot;
  result->continuous = continuous;
  result->sounded = false;
  std::copy(audio.begin(), audio.end(), result->audio.begin());
  return offered_.try_push(result);
}

void Player::play(float* const* out, int samples, bool hold) SIDEMAN_REALTIME {
  take_offers();
  for (int done = 0; done < samples;) {
    drop_passed();
    const bool covered = waiting_ > 0 && line_[0]->slot.begin <= now_;
    done += covered ? play_result(out, done, samples - done, hold)
                    : play_open(out, done, samples - done, hold);
  }
  position_.store(now_, std::memory_order_release);
}

// Answers from elsewhere may overtake each other.
void Player::take_offers() SIDEMAN_REALTIME {
  Result* result = nullptr;
  while (offered_.try_pop(result)) {
    size_t place = waiting_++;
    for (; place > 0 && line_[place - 1]->slot.begin > result->slot.begin; --place) {
      line_[place] = line_[place - 1];
    }
    line_[place] = result;
  }
}

void Player::drop_passed() SIDEMAN_REALTIME {
  size_t passed = 0;
  while (passed < waiting_ && line_[passed]->slot.end <= now_) {
    if (!line_[passed]->sounded) stats_.missed();
    if (line_[passed] != held_) hand_back(line_[passed]);
    ++passed;
  }
  if (passed == 0) return;
  for (size_t i = passed; i < waiting_; ++i) line_[i - passed] = line_[i];
  waiting_ -= passed;
}

// There are as many places as results, so this push cannot fail.
void Player::hand_back(Result* result) SIDEMAN_REALTIME { free_.try_push(result); }

// Where the unbroken run of results that covers `now_` ends.
int64_t Player::known_end() const SIDEMAN_REALTIME {
  int64_t end = line_[0]->slot.end;
  for (size_t i = 1; i < waiting_ && line_[i]->slot.begin == end && line_[i]->continuous; ++i) {
    end = line_[i]->slot.end;
  }
  return end;
}

// No result covers `now_`: silence or the held slot, up to the next result.
int Player::play_open(float* const* out, int offset, int samples, bool hold) SIDEMAN_REALTIME {
  level_ = 0;
  if (waiting_ > 0) {
    samples = static_cast<int>(std::min<int64_t>(samples, line_[0]->slot.begin - now_));
  }
  const int64_t counted_from = std::max(now_, first_slot_);
  if (now_ + samples > counted_from) stats_.silent(now_ + samples - counted_from);
  for (int i = 0; i < samples; ++i, ++now_) {
    step_hold(hold);
    for (int part = 0; part < parts_; ++part) out[part][offset + i] = held_sample(part);
  }
  return samples;
}

// The first result of the line covers `now_`.
int Player::play_result(float* const* out, int offset, int samples, bool hold) SIDEMAN_REALTIME {
  Result* result = line_[0];
  const int full = curve_.length();
  const int64_t end = known_end();
  samples = static_cast<int>(std::min<int64_t>(samples, result->slot.end - now_));
  // Too little left to rise and fall again: not worth a blip.
  const bool join = level_ > 0 || end - now_ >= 2 * full;
  result->sounded = result->sounded || join;
  const float* audio = result->audio.data() + (now_ - result->slot.begin);
  for (int i = 0; i < samples; ++i, ++now_) {
    const int target = join ? static_cast<int>(std::min<int64_t>(full, end - now_)) : 0;
    if (target < level_) hold_last(result, end);
    level_ = step_towards(level_, target);
    step_hold(hold);
    if (level_ == full) {
      for (int part = 0; part < parts_; ++part) out[part][offset + i] = audio[part * hop_ + i];
      continue;
    }
    const float gain = curve_.gain(level_);
    for (int part = 0; part < parts_; ++part) {
      out[part][offset + i] = gain * audio[part * hop_ + i] + held_sample(part);
    }
  }
  return samples;
}

// Keeps `result` for repetition; its first repeat begins under its own falling end.
void Player::hold_last(Result* result, int64_t end) SIDEMAN_REALTIME {
  if (held_ == result) return;
  if (held_ != nullptr) hand_back(held_);
  held_ = result;
  held_begin_ = end - curve_.length();
}

void Player::step_hold(bool hold) SIDEMAN_REALTIME {
  hold_level_ = step_towards(hold_level_, hold ? curve_.length() : 0);
}

// One sample of the repeated slot at `now_`, with the gain that the results leave open. The slot's
// last fade overlaps its first at each turn.
float Player::held_sample(int part) const SIDEMAN_REALTIME {
  if (held_ == nullptr || hold_level_ == 0) return 0.0f;
  const int fade = curve_.length();
  const float gain = curve_.gain(fade - level_) * curve_.gain(hold_level_);
  const float* audio = held_->audio.data() + part * hop_;
  const int64_t turn = hop_ - fade;
  const int64_t since = now_ - held_begin_;
  const int64_t at = since % turn;
  if (since < turn || at >= fade) return gain * audio[at];
  const int level = static_cast<int>(at);
  return gain * (curve_.gain(level) * audio[at] + curve_.gain(fade - level) * audio[turn + at]);
}

}  // namespace sideman

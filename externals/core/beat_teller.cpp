#include "core/beat_teller.h"

#include <cmath>

namespace sideman {

bool BeatTeller::tells(const HeardClock& heard) {
  if (!heard.clock.known) {
    last_.reset();
    return false;
  }
  const double whole = std::floor(heard.clock.beat);
  Told now{static_cast<int64_t>(whole), heard.confidence >= 0.5};
  const bool slipped_back =
      last_ && now.beat == last_->beat - 1 && heard.clock.beat - whole >= 0.5;
  if (slipped_back) now.beat = last_->beat;
  if (last_ && now.beat == last_->beat && now.sure == last_->sure) return false;
  last_ = now;
  return true;
}

}  // namespace sideman

#pragma once
// BeatTeller decides when a patch is told of the clock that was heard: once per beat, and when its
// confidence crosses a half. A correction that falls back over the line of a beat is no new beat.
// Control thread; a plain value.

#include <cstdint>
#include <optional>

#include "core/hop.h"

namespace sideman {

class BeatTeller {
 public:
  // `heard`: the clock as it is now. True when it is worth telling.
  bool tells(const HeardClock& heard);

 private:
  struct Told {
    int64_t beat;
    bool sure;
  };

  std::optional<Told> last_;
};

}  // namespace sideman

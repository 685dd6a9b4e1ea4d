#pragma once
// Puts bodies together from fragments that come in any order, twice, or not at all. Duplicates,
// gaps, damage and what is too old are decided here alone. Its memory is bounded whatever comes.
// One thread at a time. Allocates when a body begins.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "backends/osc/fragment.h"

namespace sideman::osc {

struct Body {
  int64_t hop = 0;
  int64_t position = 0;
  std::vector<uint8_t> bytes;
};

class Inbox {
 public:
  enum class Taken {
    stored,     // new, and the body is not whole yet
    complete,   // new, and the body is whole and undamaged: `collect` it
    repeated,   // was here before
    damaged,    // the body was whole and its checksum wrong: it begins again
    refused     // contradicts what came before, is too large, or belongs to a hop long gone
  };

  explicit Inbox(size_t most_bytes = most_body_bytes) : most_bytes_(most_bytes) {}

  Taken take(const Fragment& fragment);
  // A whole body, oldest hop first; each is given out once.
  std::optional<Body> collect();
  // What is here of a hop, to be sent back; empty when nothing is known of it. Valid until `take`.
  std::optional<Got> got(int64_t hop) const;

 private:
  static constexpr size_t hops = 8;        // at once under construction
  static constexpr size_t remembered = 16; // whole ones, to answer repeats

  struct Slot {
    bool used = false;
    bool whole = false;
    uint32_t checksum = 0;
    int32_t missing = 0;
    Body body;
    std::vector<uint8_t> bits;
  };
  struct Past {
    int64_t hop = -1;
    int32_t bytes = 0;
    std::vector<uint8_t> bits;
  };

  Slot* slot_of(int64_t hop);
  Slot* begin(const Fragment& fragment);
  const Past* past_of(int64_t hop) const;

  const size_t most_bytes_;
  std::array<Slot, hops> slots_;
  std::array<Past, remembered> past_;
  size_t next_past_ = 0;
  int64_t newest_whole_ = -1;
};

}  // namespace sideman::osc

#include <doctest/doctest.h>

#include "core/grid.h"

using namespace sideman;

namespace {

// Every small grid that is valid, retrospective ones included.
template <typename Visit>
void for_each_grid(Visit&& visit) {
  for (const int frame : {1, 441, 2048, 4096}) {
    for (int hop = 1; hop <= 9; ++hop) {
      for (int lead = -5; lead <= 9; ++lead) {
        const Grid grid{.sample_rate = 44100,
                        .frame_samples = frame,
                        .hop_frames = hop,
                        .lead_frames = lead,
                        .window_frames = 18};
        if (grid.validate().ok()) visit(grid);
      }
    }
  }
}

}  // namespace

TEST_CASE("hops and slots tile time without gap or overlap") {
  for_each_grid([](const Grid& grid) {
    for (int64_t hop = 0; hop < 20; ++hop) {
      CHECK(grid.heard(hop).end == grid.heard(hop + 1).begin);
      CHECK(grid.slot(hop).end == grid.slot(hop + 1).begin);
      CHECK(grid.slot(hop).end - grid.slot(hop).begin == grid.hop_samples());
    }
  });
}

TEST_CASE("a slot starts one lead after its hop was heard, one reaction after its first sample") {
  for_each_grid([](const Grid& grid) {
    for (int64_t hop = 0; hop < 20; ++hop) {
      CHECK(grid.slot(hop).begin == grid.hop_ready_at(hop) + grid.lead_samples());
      CHECK(grid.slot(hop).begin == grid.heard(hop).begin + grid.reaction_samples());
      CHECK(grid.deadline(hop, 10) == grid.slot(hop).begin - 10);
    }
  });
}

TEST_CASE("a hop is ready with its last sample and not one before") {
  for_each_grid([](const Grid& grid) {
    for (int64_t hop = 0; hop < 20; ++hop) {
      CHECK(grid.hops_ready(grid.hop_ready_at(hop)) == hop + 1);
      CHECK(grid.hops_ready(grid.hop_ready_at(hop) - 1) == hop);
    }
    CHECK(grid.hops_ready(-1) == 0);
  });
}

TEST_CASE("positions stay exact after a thousand years") {
  const Grid grid;
  const int64_t hop = int64_t{44100} * 3600 * 24 * 365 * 1000 / grid.hop_samples();
  CHECK(grid.hops_ready(grid.hop_ready_at(hop)) == hop + 1);
  CHECK(grid.slot(hop).begin - grid.heard(hop).begin == grid.reaction_samples());
}

TEST_CASE("what can never work is refused with its numbers") {
  Grid grid{.hop_frames = 0};
  CHECK(grid.validate().sentence == "hop 0: needs at least 1 frame");
  grid = {.hop_frames = 129, .window_frames = 128};
  CHECK(grid.validate().sentence.find("longer than the window of 128 frames") != std::string::npos);
  grid = {.hop_frames = 64, .lead_frames = 65, .window_frames = 128};
  CHECK(grid.validate().sentence.find("choose lead 64 at most") != std::string::npos);
  grid = {.lead_frames = -129};
  CHECK_FALSE(grid.validate().ok());
  grid = {.sample_rate = 0};
  CHECK_FALSE(grid.validate().ok());
}

TEST_CASE("a negative lead is valid on paper and refused live") {
  const Grid grid{.lead_frames = -4};
  CHECK(grid.validate().ok());
  CHECK_FALSE(grid.validate_live(441).ok());
}

TEST_CASE("live, lead and hop must hold their fades") {
  const Grid grid{.frame_samples = 512, .hop_frames = 2, .lead_frames = 1};
  CHECK(grid.validate_live(341).ok());
  CHECK(grid.validate_live(342).sentence ==
        "hop 2 (1024 samples): must hold three fades of 342 samples; choose a longer hop or a "
        "shorter fade");
  CHECK(grid.validate_live(512).sentence.rfind("lead 1 (512 samples)", 0) == 0);
}

#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "core/lead_keeper.h"

using namespace sideman;

namespace {

constexpr double frame_ms = 46.4;

}  // namespace

TEST_CASE("the allowance is the 95th percentile and what is to spare") {
  std::vector<double> measured;
  for (int i = 1; i <= 101; ++i) measured.push_back(i);
  CHECK(allowance_ms(measured, spare_in_play) == doctest::Approx(1.5 * 96.0));
  CHECK(allowance_ms(measured, spare_at_first) == doctest::Approx(2.0 * 96.0));
  CHECK(allowance_ms({}, spare_in_play) == 0.0);
}

TEST_CASE("a quick model is still allowed what the system may take") {
  const std::vector<double> measured(8, 5.0);
  CHECK(allowance_ms(measured, spare_at_first) == doctest::Approx(25.0));
}

TEST_CASE("one late hop is forgiven, a second within 32 is not") {
  LeadKeeper keeper;
  keeper.begin(30.0);
  CHECK_FALSE(keeper.hop(100.0, true, frame_ms));
  for (int i = 0; i < 31; ++i) CHECK_FALSE(keeper.hop(20.0, false, frame_ms));
  CHECK_FALSE(keeper.hop(100.0, true, frame_ms));  // the first is forgotten by now
  CHECK_FALSE(keeper.hop(20.0, false, frame_ms));
  const auto longer = keeper.hop(100.0, true, frame_ms);
  REQUIRE(longer);
  CHECK(*longer >= 30.0 + frame_ms);
}

TEST_CASE("the longer lead fits what was measured") {
  LeadKeeper keeper;
  keeper.begin(30.0);
  CHECK_FALSE(keeper.hop(400.0, true, frame_ms));
  CHECK(*keeper.hop(400.0, true, frame_ms) == doctest::Approx(600.0));
}

TEST_CASE("one stall among few hops asks for a frame more, not for its own length") {
  LeadKeeper keeper;
  keeper.begin(90.0);
  CHECK_FALSE(keeper.hop(60.0, false, frame_ms));
  CHECK_FALSE(keeper.hop(60.0, false, frame_ms));
  CHECK_FALSE(keeper.hop(600.0, true, frame_ms));
  // The next one is skipped, which says nothing of how long it would have taken.
  CHECK(*keeper.hop(std::nullopt, true, frame_ms) == doctest::Approx(90.0 + frame_ms));
}

TEST_CASE("where no hop is answered a stall is waited out, and then the lead grows by half") {
  LeadKeeper keeper;
  keeper.begin(200.0);
  for (int i = 0; i < 7; ++i) CHECK_FALSE(keeper.hop(std::nullopt, true, frame_ms));
  CHECK(*keeper.hop(std::nullopt, true, frame_ms) == doctest::Approx(300.0));
}

TEST_CASE("the longest of few times is not the model's") {
  CHECK(allowance_ms(std::vector<double>{60, 60, 60, 60, 300, 60, 60, 60}, 0.5) ==
        doctest::Approx(90.0));
  CHECK(allowance_ms(std::vector<double>{60}, 0.5) == doctest::Approx(90.0));
}

TEST_CASE("after a long calm with two frames to spare the lead keeps one of them") {
  LeadKeeper keeper;
  keeper.begin(200.0);
  std::optional<double> shorter;
  int hops = 0;
  while (!shorter && hops < 5000) {
    shorter = keeper.hop(20.0, false, frame_ms);
    ++hops;
  }
  REQUIRE(shorter);
  CHECK(hops >= 1024);
  CHECK(*shorter == doctest::Approx(1.5 * 20.0 + frame_ms));
}

TEST_CASE("a lead that is needed, if rarely, is kept") {
  LeadKeeper keeper;
  keeper.begin(200.0);
  for (int i = 0; i < 5000; ++i) {
    CHECK_FALSE(keeper.hop(i % 700 == 0 ? 130.0 : 20.0, false, frame_ms));
  }
}

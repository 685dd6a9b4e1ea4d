#include <doctest/doctest.h>

#include <cmath>

#include "core/plan.h"

using namespace sideman;

namespace {

const ModelInfo mini = [] {
  ModelInfo model;
  model.name = "mini";
  model.hop_frames = {4, 2, 8};
  model.lead_maximum = 12;
  model.window_frames = 64;
  model.parts = {"bass", "drums"};
  return model;
}();
const HostFormat host{.sample_rate = 44100, .max_vector = 64};

}  // namespace

TEST_CASE("automatic takes the model's hop and the shortest lead that keeps up") {
  StreamPlan plan;
  REQUIRE(plan_stream({}, mini, host, 100.0, plan).ok());
  CHECK(plan.grid.hop_frames == 4);
  // 100 + 1.45 (vector) + 1 (poll) + 10 (fade) = 112.5 ms: three frames of 46.4 ms.
  CHECK(plan.grid.lead_frames == 3);
  CHECK(plan.grid.window_frames == 64);
  CHECK(plan.parts == std::vector<std::string>{"bass"});
}

TEST_CASE("large vectors and slow models ask for a longer lead, within the model's range") {
  CHECK(shortest_lead(0.0, 10.0, host, mini) == 1);
  CHECK(shortest_lead(0.0, 10.0, {.sample_rate = 44100, .max_vector = 4096}, mini) == 3);
  CHECK(shortest_lead(5000.0, 10.0, host, mini) == 12);
  ModelInfo far = mini;
  far.lead_minimum = 5;
  CHECK(shortest_lead(0.0, 10.0, host, far) == 5);
}

TEST_CASE("automatic leaves something heard in the window, however slow the model is") {
  ModelInfo narrow = mini;
  narrow.hop_frames = {24};
  narrow.lead_maximum = 62;
  StreamPlan plan;
  REQUIRE(plan_stream({}, narrow, host, 60'000.0, plan).ok());
  CHECK(plan.grid.lead_frames == 39);
}

TEST_CASE("what the model cannot do is refused with what it can") {
  StreamPlan plan;
  Settings settings;
  settings.hop = 3;
  CHECK(plan_stream(settings, mini, host, 0.0, plan).sentence ==
        "hop 3: model mini can do 4, 2, 8 frames; set one of these, or auto");
  settings = {};
  settings.lead = 13;
  CHECK(plan_stream(settings, mini, host, 0.0, plan).sentence ==
        "lead 13: model mini can do 1 to 12 frames; set one of these, or auto");
  settings = {};
  settings.parts = {"bass", "tuba"};
  CHECK(plan_stream(settings, mini, host, 0.0, plan).sentence ==
        "parts tuba: model mini can play bass, drums; choose among these");
  settings = {};
  ModelInfo hopless = mini;
  hopless.hop_frames.clear();
  CHECK(plan_stream(settings, hopless, host, 0.0, plan).code == StatusCode::failed);
}

TEST_CASE("a model that names no parts plays any") {
  ModelInfo any = mini;
  any.parts.clear();
  Settings settings;
  settings.parts = {"tuba"};
  StreamPlan plan;
  CHECK(plan_stream(settings, any, host, 0.0, plan).ok());
}

TEST_CASE("the paper's r and w become frames, or one line says what would") {
  int32_t hop = 0, lead = 0;
  REQUIRE(hop_and_lead(0.25, 1.0, 64, hop, lead).ok());
  CHECK(hop == 16);
  CHECK(lead == 16);
  REQUIRE(hop_and_lead(0.125, 0.5, 64, hop, lead).ok());
  CHECK(hop == 8);
  CHECK(lead == 4);
  CHECK(hop_and_lead(0.2, 1.0, 64, hop, lead).sentence ==
        "window r 0.2: a hop is whole frames of the window of 64; give 0.1875 or another n / 64");
  CHECK(hop_and_lead(0.5, 1.0, 64, hop, lead).sentence ==
        "window 0.5 1: (w + 2) r is 1.5, and hop, lead and slot must fit into the window; give an r "
        "of 0.328125 at most");
  for (const double w : {0.0, -1.0, 0.3, std::nan(""), 1e9}) {
    CHECK_FALSE(hop_and_lead(0.25, w, 64, hop, lead).ok());
  }
  for (const double r : {0.0, -0.25, 1.5, std::nan(""), 0.001}) {
    CHECK_FALSE(hop_and_lead(r, 1.0, 64, hop, lead).ok());
  }
  CHECK(hop == 8);  // as it was
  CHECK(lead == 4);
}

TEST_CASE("parts auto is the model's first part, and stands alone") {
  ModelInfo kalimba = mini;
  kalimba.parts = {"kalimba"};
  StreamPlan plan;
  REQUIRE(plan_stream({}, kalimba, host, 0.0, plan).ok());
  CHECK(plan.parts == std::vector<std::string>{"kalimba"});
  ModelInfo any = mini;
  any.parts.clear();
  REQUIRE(plan_stream({}, any, host, 0.0, plan).ok());
  CHECK(plan.parts.size() == 1);
  Settings settings;
  settings.parts = {"auto", "bass"};
  CHECK_FALSE(plan_stream(settings, mini, host, 0.0, plan).ok());
}

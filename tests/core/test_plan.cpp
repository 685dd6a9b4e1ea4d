#include <doctest/doctest.h>

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

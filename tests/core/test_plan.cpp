#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <string>

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

// A model of the window family: any hop that leaves the slot room.
ModelInfo any_hop(int32_t window_frames) {
  ModelInfo model = mini;
  model.window_frames = window_frames;
  model.lead_maximum = window_frames - 2;
  model.hop_frames.clear();
  for (int32_t hop = window_frames / 2; hop > 0; --hop) model.hop_frames.push_back(hop);
  return model;
}

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
  REQUIRE(hop_and_lead(0.25, 1.0, any_hop(64), hop, lead).ok());
  CHECK(hop == 16);
  CHECK(lead == 16);
  REQUIRE(hop_and_lead(0.125, 0.5, any_hop(64), hop, lead).ok());
  CHECK(hop == 8);
  CHECK(lead == 4);
  CHECK(hop_and_lead(0.2, 1.0, any_hop(64), hop, lead).sentence ==
        "window 0.2 1: a hop is whole frames of the window of 64; send window 0.1875 1");
  CHECK(hop_and_lead(0.5, 1.0, any_hop(64), hop, lead).sentence ==
        "window 0.5 1: (w + 2) r is 1.5, and hop, lead and slot must fit into the window; send "
        "window 0.328125 1");
  CHECK(hop_and_lead(0.25, 0.0, any_hop(64), hop, lead).sentence ==
        "window 0.25 0: the lead is w hops of 16 frames, and live it is whole frames, one at least; "
        "send window 0.25 1");
  for (const double w : {0.0, -1.0, 0.3, std::nan(""), 1e9}) {
    CHECK_FALSE(hop_and_lead(0.25, w, any_hop(64), hop, lead).ok());
  }
  for (const double r : {0.0, -0.25, 1.5, std::nan(""), 0.001}) {
    CHECK_FALSE(hop_and_lead(r, 1.0, any_hop(64), hop, lead).ok());
  }
  CHECK(hop == 8);  // as it was
  CHECK(lead == 4);
}

TEST_CASE("what a refused r and w are told to be is taken as it is printed, and the model can do it") {
  ModelInfo one_hop = any_hop(96);
  one_hop.hop_frames = {4};
  one_hop.lead_maximum = 8;
  ModelInfo far = any_hop(96);
  far.lead_minimum = 20;
  const double nan = std::nan("");
  for (const ModelInfo& model : {any_hop(64), any_hop(96), any_hop(300), one_hop, far}) {
    for (const double r : {0.0, 0.001, 0.03, 0.1, 0.2, 0.33, 0.7, 1.0, 1.5, nan}) {
      for (const double w : {-1.0, 0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 90.0, 1e9, nan}) {
        int32_t hop = 0, lead = 0;
        const Status refused = hop_and_lead(r, w, model, hop, lead);
        if (refused.ok()) continue;
        INFO(refused.sentence);
        double told_r = 0.0, told_w = 0.0;
        const auto told = refused.sentence.find("send window ");
        REQUIRE(told != std::string::npos);
        REQUIRE(std::sscanf(&refused.sentence[told], "send window %lf %lf", &told_r, &told_w) == 2);
        REQUIRE(hop_and_lead(told_r, told_w, model, hop, lead).ok());
        Settings settings;
        settings.hop = hop;
        settings.lead = lead;
        StreamPlan plan;
        CHECK(plan_stream(settings, model, host, 0.0, plan).ok());
      }
    }
  }
}

TEST_CASE("where no window is known to go, r and w are told no numbers that would be refused") {
  ModelInfo never = any_hop(96);
  never.lead_minimum = 40;  // w 1 and such a lead are more than the window
  int32_t hop = 0, lead = 0;
  const std::string told = hop_and_lead(0.2, 0.3, never, hop, lead).sentence;
  CHECK(told.ends_with("; set hop and lead in frames"));
}

TEST_CASE("an r of any hop is taken with the six digits that messages have, and with a float's") {
  for (const int window : {64, 96, 300, 1000}) {
    for (int frames = 1; 3 * frames <= window; ++frames) {
      const double r = static_cast<double>(frames) / window;
      char digits[32];
      std::snprintf(digits, sizeof digits, "%.6g", r);
      for (const double typed : {std::stod(digits), static_cast<double>(static_cast<float>(r))}) {
        int32_t hop = 0, lead = 0;
        REQUIRE(hop_and_lead(typed, 1.0, any_hop(window), hop, lead).ok());
        CHECK(hop == frames);
        CHECK(lead == frames);
      }
    }
  }
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

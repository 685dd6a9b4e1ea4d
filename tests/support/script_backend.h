#pragma once
// An echo that does at each hop what a script says: late by the clock of the test, failing, raising,
// giving wrong values, breaking continuity, or never returning. The warm-up is not scripted, but may
// be slow. `Script` is shared by the test and the backend; every function may be called by any
// thread.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/backend.h"

namespace sideman::test {

enum class Act { echo, fail, raise, raise_number, not_a_number, too_loud, discontinuous, hang };

class Script {
 public:
  Script() {
    model.name = "script";
    model.hop_frames = {4, 1, 2, 8};
  }

  ModelInfo model;
  double warm_up_ms = 0.0;

  void act(int64_t hop, Act act) {
    const std::lock_guard lock(mutex_);
    acts_[hop] = act;
  }
  // The answer to `hop` is held back until the test's clock reaches `position` (model samples).
  void due(int64_t hop, int64_t position) {
    const std::lock_guard lock(mutex_);
    due_[hop] = position;
  }
  // Real time per hop from now on.
  void thinks(double ms) {
    const std::lock_guard lock(mutex_);
    thinks_ms_ = ms;
  }
  void set_now(int64_t position) {
    const std::lock_guard lock(mutex_);
    now_ = position;
    if (waiting_for_ <= now_) waiting_for_ = 0;
    changed_.notify_all();
  }
  // A call is being held back, so waiting for the engine would be in vain.
  bool holding() const {
    const std::lock_guard lock(mutex_);
    return waiting_for_ > 0;
  }
  // Lets hanging calls return.
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  std::vector<HopRequest> asked() const {  // the spans inside are no longer valid
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  // The second channel of all hops, one after the other.
  std::vector<float> sketched() const {
    const std::lock_guard lock(mutex_);
    return sketched_;
  }
  // What the backend hears of the beat from now on.
  void hears(const HeardClock& clock) {
    const std::lock_guard lock(mutex_);
    heard_ = clock;
  }
  std::vector<StreamPlan> plans() const {
    const std::lock_guard lock(mutex_);
    return plans_;
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  friend class ScriptBackend;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int64_t, Act> acts_;
  std::map<int64_t, int64_t> due_;
  std::vector<HopRequest> asked_;
  std::vector<float> sketched_;
  HeardClock heard_;
  std::vector<StreamPlan> plans_;  // the first is the warm-up's
  double thinks_ms_ = 0.0;
  int64_t now_ = 0;
  int64_t waiting_for_ = 0;
  bool released_ = false;
  bool closed_ = false;
};

class ScriptBackend : public Backend {
 public:
  explicit ScriptBackend(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  Status open(const OpenRequest&, ModelInfo& info) override {
    info = script_->model;
    return {};
  }
  Status reset(const StreamPlan& plan) override {
    const std::lock_guard lock(script_->mutex_);
    script_->plans_.push_back(plan);
    return {};
  }
  Status generate(const HopRequest& request, HopResult& result) override {
    echo(request, result);
    std::unique_lock lock(script_->mutex_);
    if (script_->plans_.size() == 1) {
      lock.unlock();
      return sleep(script_->warm_up_ms);
    }
    script_->asked_.push_back(request);
    keep_sketch(request);
    result.heard = script_->heard_;
    const double thinks_ms = script_->thinks_ms_;
    if (const auto due = script_->due_.find(request.hop_id); due != script_->due_.end()) {
      wait_until(lock, due->second);
    }
    const auto found = script_->acts_.find(request.hop_id);
    const Act act = found == script_->acts_.end() ? Act::echo : found->second;
    if (act == Act::hang) script_->changed_.wait(lock, [this] { return script_->released_; });
    lock.unlock();
    (void)sleep(thinks_ms);
    return perform(act, result);
  }
  void close() override {
    const std::lock_guard lock(script_->mutex_);
    script_->closed_ = true;
  }
  void cancel() noexcept override {}  // the worst case: nothing can interrupt it

 private:
  static void echo(const HopRequest& request, HopResult& result) {
    const auto hop = static_cast<size_t>(request.grid.hop_samples());
    const auto heard = request.window.last(hop * heard_channels);
    for (size_t part = 0; part < static_cast<size_t>(result.parts); ++part) {
      for (size_t i = 0; i < hop; ++i) result.audio[part * hop + i] = heard[i * heard_channels];
    }
  }
  void keep_sketch(const HopRequest& request) {
    const auto hop = static_cast<size_t>(request.grid.hop_samples());
    const auto heard = request.window.last(hop * heard_channels);
    for (size_t i = 0; i < hop; ++i) script_->sketched_.push_back(heard[i * heard_channels + 1]);
  }
  void wait_until(std::unique_lock<std::mutex>& lock, int64_t position) {
    if (script_->now_ >= position) return;
    script_->waiting_for_ = position;
    script_->changed_.wait(lock, [&] { return script_->now_ >= position || script_->released_; });
  }
  static Status sleep(double ms) {
    if (ms > 0.0) std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
    return {};
  }
  static Status perform(Act act, HopResult& result) {
    switch (act) {
      case Act::fail: return Status::failed("hop: the script says no; change the script");
      case Act::raise: throw std::runtime_error("raised by the script");
      case Act::raise_number: throw 7;
      case Act::not_a_number:
        result.audio[result.audio.size() / 2] = std::numeric_limits<float>::quiet_NaN();
        return {};
      case Act::too_loud: result.audio[0] = 4.5f; return {};
      case Act::discontinuous: result.continuous = false; return {};
      case Act::echo:
      case Act::hang: return {};
    }
    return {};
  }

  std::shared_ptr<Script> script_;
};

}  // namespace sideman::test

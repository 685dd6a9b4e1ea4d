#pragma once
// Rendering plays a whole sound through an engine of its own, as fast as the model can, and so that
// nothing is ever late: what comes out is what the live object plays with the same settings, sample
// for sample. Made and asked on the control thread; a thread of its own drives the engine.

#include <atomic>
#include <memory>
#include <vector>

#include "core/engine.h"
#include "core/own_thread.h"

namespace sideman {

struct RenderOrder {
  Settings settings;  // hop and lead as numbers
  BackendFactory factory;
  std::vector<float> music;
  double rate = 0.0;
  double bpm = 0.0;  // above 0: a clock told by hand, whose beat one is the first sample
  int beats_per_bar = 4;
};

class Rendering {
 public:
  explicit Rendering(RenderOrder order);
  // Gives up a rendering under way, within a few milliseconds: in Pd the audio waits meanwhile.
  ~Rendering();
  Rendering(const Rendering&) = delete;
  Rendering& operator=(const Rendering&) = delete;

  double progress() const { return progress_.load(std::memory_order_relaxed); }  // 0 to 1
  bool done() const { return done_.load(std::memory_order_acquire); }

  // ---- once it is done ----
  // Why there is no sound, or ok.
  const Status& status() const { return status_; }
  // Samples of each part, as many as the music has.
  std::vector<std::vector<float>> take() { return std::move(parts_); }

 private:
  void run();
  Status open(Engine& engine);
  Status play(Engine& engine);

  const RenderOrder order_;
  std::vector<std::vector<float>> parts_;
  Status status_;
  std::atomic<double> progress_{0.0};
  std::atomic<bool> done_{false};
  std::atomic<bool> given_up_{false};
  OwnThread thread_;
};

}  // namespace sideman

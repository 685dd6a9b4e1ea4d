#pragma once
// Worker is the thinking thread: it opens one backend, measures it, and then answers hop after hop
// of the newest stream. Its life is one load. It owns the waiting: a backend may be slow, fail or
// never return. Nobody joins the thread; it holds all that it uses, so whoever stops it may go.
// The worker before it plays on until the new model is open, and for good when that fails, unless it
// had to make room.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/backend.h"
#include "core/context.h"
#include "core/desk.h"
#include "core/engine.h"
#include "core/lead_keeper.h"
#include "core/plan.h"
#include "core/stream.h"

namespace sideman {

class Worker : public std::enable_shared_from_this<Worker> {
 public:
  // ---- control thread ----
  // before: the one that plays (or null), which it stops once its own model is open; overtaken: one
  // that was stopped while it was opening (or null), which gets a moment to let go of its model.
  static std::shared_ptr<Worker> start(std::shared_ptr<Desk> desk, BackendFactory factory,
                                       std::shared_ptr<Worker> before,
                                       std::shared_ptr<Worker> overtaken);
  void stop() noexcept;  // returns at once
  // Stops it unless it has taken over. Returns whether it did.
  bool overtake() noexcept;
  // Its model is open, and the one before was told to stop.
  bool took_over() const { return took_over_.load(); }
  bool finished() const;
  bool wait_finished(double timeout_ms);
  // True once it plays, or has ended.
  bool wait_settled(double timeout_ms);
  // True when every complete hop of the newest stream is answered in time.
  bool wait_idle(double timeout_ms);
  // How long the backend has been in its present call; 0 when in none.
  double busy_ms() const;
  // Tells that the present call has taken too long; the next answer takes it back.
  void report_lost();

 private:
  static constexpr double patience_ms = 2000.0;  // for a stopped one to let go of its model

  struct UnderWay {
    int64_t hop = 0;
    double waited_ms = 0.0;  // from the hop's end until it was asked for
    std::chrono::steady_clock::time_point asked;
  };
  // From a hop's end until its answer.
  struct Took {
    double waited_ms = 0.0;  // until it was asked for
    double thought_ms = 0.0;
  };

  Worker(std::shared_ptr<Desk> desk, BackendFactory factory, std::shared_ptr<Worker> before,
         std::shared_ptr<Worker> overtaken);

  // ---- worker thread ----
  void run();
  // worker_load.cpp
  void wait_for_the_one_before();
  Status open();
  Status open_backend(const Settings& settings, ModelInfo& info);
  Status make_backend(const Settings& settings);
  Status open_model(const Settings& settings, ModelInfo& info);
  static Controls controls_of(Settings settings);
  bool makes_room() const;
  Status try_out_beside_the_one_before(const StreamPlan& plan, const Controls& controls);
  bool take_over();
  void settle_down();
  Status measure(const StreamPlan& plan, const Controls& controls, OpenModel& model);
  // worker.cpp
  Status serve();
  void follow_stream();
  bool answer_next();
  void answer(int64_t hop, double waited_ms);
  void ask(int64_t hop, double waited_ms);
  bool take_answers();
  void settle(const Answer& answer, const HopResult& result, const Took& took);
  HopRequest request_of(int64_t hop) const;
  HopResult room();
  void skip(int64_t hop);
  // No answer in time: a longer lead may help.
  void miss(const std::string& why);
  void deliver(int64_t hop, bool continuous, const Took& took);
  void fail(const Status& status);
  void count_unanswered();
  void watch_lead(const std::optional<Took>& took, bool late);
  Status reset_backend();
  Status generate(const HopRequest& request, HopResult& result);
  void close();
  void pause();
  void show_progress();
  bool idle() const;

  const std::shared_ptr<Desk> desk_;
  const BackendFactory factory_;
  const int64_t load_;
  std::shared_ptr<Worker> before_;
  std::shared_ptr<Worker> overtaken_;

  // Shared with control.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable progress_;
  std::shared_ptr<Backend> backend_;
  bool woken_ = false;
  bool finished_ = false;
  bool settled_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> took_over_{false};
  std::atomic<bool> serving_{false};
  std::atomic<int64_t> busy_since_ns_{0};

  // Worker thread only.
  bool tried_ = false;  // its model was opened
  std::shared_ptr<Stream> stream_;
  std::optional<Context> context_;
  std::vector<float> audio_;
  std::vector<UnderWay> under_way_;  // asked of a pipelined backend, oldest first
  int unanswered_ = 0;               // hops since the last answer
  bool needs_reset_ = true;
  LeadKeeper lead_;
};

}  // namespace sideman

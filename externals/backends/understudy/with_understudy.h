#pragma once
// For `backend auto` with a host: the server plays, and the embedded Python stands ready. A hop that
// the server does not answer in its usual time is played by the stand-in as well, and whoever is
// there when the slot comes is heard; while the server is away every hop is still asked of it, so
// that it is heard again from its first answer on. The worker's thread, but for `cancel`.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "backends/understudy/understudy.h"
#include "core/backend.h"

namespace sideman {

class WithUnderstudy final : public Backend, public Pipelined {
 public:
  // server: pipelined. Names: as `backend` tells them to the host.
  WithUnderstudy(std::shared_ptr<Backend> server, std::shared_ptr<Backend> stand_in,
                 ConsoleLine console);

  Status open(const OpenRequest& request, ModelInfo& info) override;
  Status reset(const StreamPlan& plan) override;
  Status generate(const HopRequest& request, HopResult& result) override;
  void close() override;
  void cancel() noexcept override;
  Pipelined* pipelined() override { return this; }
  Status ask(const HopRequest& request) override;
  std::optional<Answer> take(HopResult& result) override;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  enum class Who { nobody, server, stand_in };
  enum class Stands { idle, asked, ready, failed };

  struct UnderWay {
    HopRequest request;
    std::vector<float> window;
    Moment asked;
    Moment due;    // when the stand-in's answer is given, if the server's has not come
    Moment ready;  // since when it is there
    bool server_asked = false;
    Stands stand_in = Stands::idle;
    Status why;                // what the server said of it
    std::vector<float> audio;  // the stand-in's
    bool continuous = true;
    HeardClock heard;
  };

  double due_ms(const Grid& grid) const;
  std::optional<Answer> from_server(HopResult& result);
  std::optional<Answer> from_stand_in(HopResult& result);
  void hear_stand_in(HopResult& result);
  bool leaves_for_me(const Status& status);
  void call_stand_in(UnderWay& hop);
  void tell_of_stand_in();
  void watch(Moment now);
  Answer deliver(int64_t hop, Who who, HopResult& result);
  void say_once(const std::string& line);
  UnderWay* find(int64_t hop);
  void forget(int64_t hop);

  const std::shared_ptr<Backend> server_;
  const ConsoleLine console_;
  Understudy understudy_;
  bool server_opened_ = false;
  bool can_make_room_ = false;
  bool to_the_end_ = false;
  std::string unable_;  // why the stand-in cannot play, as was told
  bool well_ = true;  // the server's last answer came in time
  std::vector<UnderWay> under_way_;  // oldest first
  std::vector<double> usual_ms_;     // times of the server's last answers
  double overdue_ms_ = 0.0;          // after so long it is not well
  double ready_ms_ = 0.0;            // before the slot
  Who last_who_ = Who::nobody;
  int64_t last_hop_ = -1;
  std::string said_;
};

}  // namespace sideman

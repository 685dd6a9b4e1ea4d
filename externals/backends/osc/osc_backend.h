#pragma once
// OscBackend plays through a server (`sideman serve`). The worker makes all calls but `cancel`; a
// thread of the link keeps the session alive meanwhile, finds the server again when it was lost, and
// sends again what was. Hops are asked for while earlier ones are under way, so the way there and
// back may be longer than a hop. Nobody waits longer than a hop is of use.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/osc/format_keeper.h"
#include "backends/osc/remote_session.h"
#include "backends/osc/link.h"
#include "core/backend.h"
#include "core/settings.h"

namespace sideman {

struct RemoteAddress {
  std::string host = "127.0.0.1";
  int32_t port = 7770;
  std::string token_file;       // empty: none
  double open_seconds = 600.0;  // for a large model to be read
};

class OscBackend final : public Backend, public Pipelined {
 public:
  explicit OscBackend(RemoteAddress address);
  ~OscBackend() override;

  Status open(const OpenRequest& request, ModelInfo& info) override;
  Status reset(const StreamPlan& plan) override;
  Status generate(const HopRequest& request, HopResult& result) override;
  void close() override;
  void cancel() noexcept override;
  Pipelined* pipelined() override { return this; }
  Status ask(const HopRequest& request) override;
  std::optional<Answer> take(HopResult& result) override;

 private:
  // A hop that is under way: when it was asked for, and when its answer should be there and must.
  struct Asked {
    int64_t hop = 0;
    double asked = 0.0;
    double due = 0.0;
    double useless = 0.0;
    bool held = false;  // until the stream opens: what it waits for is no measure of the way
  };

  void hear(osc::Bytes datagram);  // the link's thread
  double tick();                   // the link's thread
  Status wait_open(double seconds);
  Status send(const HopRequest& request, Asked asked);
  Status lost(const Asked& asked);
  Status cannot_ask() const;
  std::optional<Answer> answer_of(osc::Arrived arrived, HopResult& result);
  Status read_token(std::string& token) const;
  Status refused() const;
  Status hanging(double seconds) const;
  Status unanswered(double seconds) const;
  Status still_opening() const;

  const RemoteAddress address_;
  osc::Wish wish_;

  std::mutex mutex_;  // of everything below; the link's thread and the worker hold it for an instant
  std::condition_variable changed_;
  std::optional<osc::RemoteSession> session_;
  bool cancelled_ = false;
  std::vector<Asked> asked_;  // oldest first
  double quiet_since_ = 0.0;  // something was waited for, and no answer came, be it too late
  osc::FormatKeeper format_;

  std::unique_ptr<osc::Link> link_;  // last: its thread ends first
};

// The server that the settings name. has_stand_in: it shall not be waited for long. Never null.
std::shared_ptr<Backend> make_remote_backend(const Settings& settings, bool has_stand_in = false);

}  // namespace sideman

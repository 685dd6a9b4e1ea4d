#pragma once
// A session with a server that is kept alive: it greets, opens, and when the server is lost begins
// again by itself. Sockets and clocks are the caller's. Every call under the caller's lock. Seconds.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/osc/channel.h"
#include "backends/osc/greeting.h"
#include "core/backend.h"

namespace sideman::osc {

// What is to be opened: a stream of a model.
struct Wish {
  std::string model;
  std::string parts;  // with spaces between
  std::string device;
  int64_t hop = -1;   // frames; below 0: the model's own
  int64_t lead = -1;
  int64_t seed = 0;
  int32_t sample_rate = 0;  // that the stream counts in; 0: whatever the model has
  int32_t frame_samples = 0;
};

// What came for a hop: a body, or the sentence of what went wrong.
struct Arrived {
  int64_t hop = 0;
  std::vector<uint8_t> body;
  std::string error;
};

class RemoteSession {
 public:
  enum class Phase { greeting, opening, playing, refused };
  using Send = std::function<void(Bytes)>;

  RemoteSession(std::string token, Send send) : token_(std::move(token)), send_(std::move(send)) {}

  // From now on this is what is to be open; hops count from 0. What was under way is forgotten.
  void wish(const Wish& wish, double now);
  void receive(Bytes datagram, double now);
  // Sends what is due; returns in how many seconds it has to be called again.
  double tick(double now);
  // Sends a hop until `deadline`, at once or as soon as the stream is open. Nothing happens where
  // there is no server.
  void send(int64_t hop, int64_t position, std::vector<uint8_t> body, double now, double deadline);
  void goodbye();

  Phase phase() const { return phase_; }
  // How often it has begun with the server anew: what was under way before is not answered.
  int64_t beginnings() const { return beginnings_; }
  const std::optional<ModelInfo>& opened() const { return opened_; }
  const std::string& refusal() const { return refusal_; }
  // Answers that nobody has taken yet.
  std::optional<Arrived> arrived();
  bool has_arrived() const { return !arrived_.empty(); }
  // How long ago the server was heard; the time since the first `wish` when it never was.
  double silence(double now) const;

 private:
  static constexpr double hello_seconds = 0.15;
  static constexpr double open_seconds = 0.25;
  static constexpr int quick_asks = 6;  // a round trip apart: the first hops wait for the answer
  static constexpr double doubt_seconds = 1.0;  // anybody can refuse; a welcome is proven
  static constexpr double refused_seconds = 5.0;  // then ask whether it still would
  static constexpr double lost_seconds = 1.2;  // two pings and a little

  void greet(double now);
  // A hop that waits for the stream to open.
  struct Held {
    int64_t hop = 0;
    int64_t position = 0;
    std::vector<uint8_t> body;
    double deadline = 0.0;
  };
  static constexpr size_t most_held = 8;

  void hear(Bytes message, double now);
  void hear_answer(Bytes datagram, double now);
  void refuse(std::string why, double now);
  void take_opened(Bytes message, double now);
  std::vector<uint8_t> open_message() const;

  const std::string token_;
  const Send send_;
  Phase phase_ = Phase::greeting;
  std::optional<Greeting> greeting_;
  std::optional<Channel> channel_;
  Wish wish_;
  std::optional<ModelInfo> opened_;
  std::string refusal_;                    // while it greets: one that may be anybody's
  double refused_at_ = 0.0;
  std::vector<Arrived> arrived_;
  std::vector<Held> held_;
  int64_t serial_ = 0;
  int64_t beginnings_ = 0;
  int64_t first_ = 0;       // the wire's number of the stream's hop 0
  int64_t next_first_ = 0;
  double again_ = 0.0;      // when to say hello or open again
  int asked_ = 0;           // how often for this wish; quick_asks once that was heard
  double since_ = 0.0;      // when the present wish or channel began
  double heard_ = -1.0;     // by any channel
  double first_wish_ = -1.0;
};

}  // namespace sideman::osc

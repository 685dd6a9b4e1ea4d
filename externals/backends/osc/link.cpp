#include "backends/osc/link.h"

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "backends/osc/tcp_stream.h"
#include "core/own_thread.h"

namespace sideman::osc {
namespace {

using asio::ip::tcp;
using asio::ip::udp;

constexpr int socket_bytes = 4 << 20;
constexpr double longest_seconds = 1.0;
constexpr double silent_seconds = 0.5;  // without a word: try the other ways
constexpr double lost_seconds = 1.2;    // two pings and a little: the way is gone
constexpr double dead_seconds = 3.5;    // a connection that says nothing for so long is none
constexpr double lookup_seconds = 3.0;  // between two tries to find the host

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

enum class Way { unknown, udp, tcp };

}  // namespace

struct Link::Inner {
  Inner(Heard heard_of, Tick ticks)
      : heard(std::move(heard_of)),
        tick(std::move(ticks)),
        resolver(io),
        socket(io),
        stream(io, [this](Bytes datagram) { take(datagram, Way::tcp); }),
        timer(io) {}

  // --- ways ---

  Status look_up() {
    asio::error_code error;
    const auto found = resolver.resolve(host, std::to_string(port), error);
    if (error || found.empty()) {
      return Status::unavailable("remote: no machine of the name " + host +
                                 " is known; set host to its name or address");
    }
    if (settle_in(found)) return {};
    return Status::unavailable("remote: no way to " + host + "; is this machine on the network?");
  }

  bool settle_in(const udp::resolver::results_type& found) {
    places.clear();
    for (const auto& entry : found) places.push_back(entry.endpoint());
    // A server listens on IPv4 unless told otherwise; `localhost` is often both.
    std::stable_partition(places.begin(), places.end(),
                          [](const udp::endpoint& each) { return each.address().is_v4(); });
    for (size_t index = 0; index < places.size(); ++index) {
      if (go_to(index)) return true;
    }
    return false;
  }

  // The name was unknown or no network was there: both may come. Or it means another machine now.
  void look_up_again() {
    if (looking || now() - looked_at < lookup_seconds) return;
    looking = true;
    resolver.async_resolve(host, std::to_string(port),
                           [this](const asio::error_code& error, const auto& found) {
                             looking = false;
                             looked_at = now();
                             if (error || closed || found.empty() || still_there(found)) return;
                             stream.close();
                             if (!settle_in(found)) return;
                             went_at = looked_at;
                             receive();
                             run_tick();
                           });
  }

  bool still_there(const udp::resolver::results_type& found) const {
    return socket.is_open() && std::ranges::all_of(places, [&](const udp::endpoint& place) {
      return std::ranges::any_of(found, [&](const auto& one) { return one.endpoint() == place; });
    });
  }

  bool go_to(size_t index) {
    asio::error_code error;
    socket.close(error);
    place = index % places.size();
    ++generation;
    socket.open(places[place].protocol(), error);
    if (!error) socket.connect(places[place], error);
    asio::error_code ignored;
    if (error) {
      socket.close(ignored);
      return false;
    }
    socket.non_blocking(true, ignored);  // a full buffer loses a datagram, it holds up nobody
    socket.set_option(asio::socket_base::receive_buffer_size(socket_bytes), ignored);
    socket.set_option(asio::socket_base::send_buffer_size(socket_bytes), ignored);
    return true;
  }

  // Called with every tick: when nothing is heard, other ways are tried beside this one.
  void look_around() {
    const double silent = now() - heard_at;
    if (silent > lost_seconds) way = Way::unknown;
    if (way != Way::unknown || silent < silent_seconds) return;
    if (stream.is_open() && silent > dead_seconds && now() - stream.began() > dead_seconds) {
      stream.close();
    }
    if (!socket.is_open()) return look_up_again();
    if (silent > dead_seconds) look_up_again();
    const tcp::endpoint there(places[place].address(), places[place].port());
    stream.connect(there, now());
    // Where there is one place only, a socket of its own may still help: this machine may have got
    // another address, which the old one does not know.
    const double patience = places.size() > 1 ? 2 * silent_seconds : dead_seconds;
    if (now() - went_at > patience && silent > patience && !stream.is_open()) {
      went_at = now();
      if (places.size() > 1) stream.close();
      if (go_to(place + 1)) receive();
    }
  }

  void take(Bytes datagram, Way by) {
    heard_at = now();
    if (way == Way::unknown) way = by;
    if (way == Way::udp && by == Way::udp) stream.close();
    heard(datagram);
    if (by == Way::tcp) run_tick();
  }

  void send(Bytes datagram) {
    if (way != Way::tcp) {
      asio::error_code ignored;  // a full buffer or an unplugged cable: the same as a loss on the way
      socket.send(asio::buffer(datagram.data(), datagram.size()), 0, ignored);
    }
    if (way != Way::udp) stream.send(datagram);
  }

  // --- the thread ---

  void receive() {
    socket.async_receive(
        asio::buffer(received),
        [this, mine = generation](const asio::error_code& error, size_t size) {
          if (mine != generation || error == asio::error::operation_aborted) return;
          if (!error) take(Bytes(received.data(), size), Way::udp);
          run_tick();
          // An error tells of an earlier datagram: nobody listens there, for now.
          if (mine == generation && socket.is_open()) receive();
        });
  }

  void run_tick() {
    if (closed) return;
    look_around();
    const double seconds = std::clamp(tick(), 0.0005, longest_seconds);
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(
        std::chrono::duration<double>(seconds)));
    timer.async_wait([this](const asio::error_code& error) {
      if (!error) run_tick();
    });
  }

  Heard heard;
  Tick tick;
  std::string host;
  int port = 0;
  asio::io_context io;
  udp::resolver resolver;
  udp::socket socket;
  TcpStream stream;
  asio::steady_timer timer;
  std::array<uint8_t, 2048> received{};
  std::vector<udp::endpoint> places;  // of the host
  size_t place = 0;
  int generation = 0;  // of the socket: handlers of an earlier one do nothing
  Way way = Way::unknown;
  double heard_at = now();
  double went_at = now();
  double looked_at = now();
  bool looking = false;
  bool closed = false;
  OwnThread thread;
};

Link::Link(Heard heard, Tick tick)
    : inner_(std::make_unique<Inner>(std::move(heard), std::move(tick))) {}

Link::~Link() { close(); }

Status Link::connect(const std::string& host, int port) {
  Inner& inner = *inner_;
  inner.host = host;
  inner.port = port;
  const Status status = inner.look_up();
  inner.heard_at = inner.went_at = inner.looked_at = now();
  asio::post(inner.io, [&inner] {
    if (inner.socket.is_open()) inner.receive();
    inner.run_tick();
  });
  inner.thread = own_thread([&inner] { inner.io.run(); });
  return status;
}

void Link::send(Bytes datagram) { inner_->send(datagram); }

void Link::wake() {
  asio::post(inner_->io, [this] { inner_->run_tick(); });
}

void Link::close(const std::function<void()>& last) {
  Inner& inner = *inner_;
  if (!inner.thread.joinable()) return;
  asio::post(inner.io, [&inner, &last] {
    last();
    inner.closed = true;
    asio::error_code ignored;
    inner.timer.cancel();
    inner.resolver.cancel();
    inner.socket.close(ignored);
    inner.stream.close();
  });
  inner.thread.join();
}

}  // namespace sideman::osc

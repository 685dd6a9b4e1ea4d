#include "backends/osc/udp_link.h"

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <chrono>
#include <thread>

namespace sideman::osc {
namespace {

using asio::ip::udp;

constexpr int socket_bytes = 4 << 20;
constexpr double longest_seconds = 1.0;

}  // namespace

struct UdpLink::Inner {
  Inner(Heard heard_of, Tick ticks)
      : heard(std::move(heard_of)), tick(std::move(ticks)), socket(io), timer(io) {}

  void receive() {
    socket.async_receive(asio::buffer(place), [this](const asio::error_code& error, size_t size) {
      if (error == asio::error::operation_aborted || !socket.is_open()) return;
      if (!error) heard(Bytes(place.data(), size));
      run_tick();
      receive();  // an error tells of an earlier datagram: nobody listens there, for now
    });
  }

  void run_tick() {
    if (!socket.is_open()) return;
    const double seconds = std::clamp(tick(), 0.0005, longest_seconds);
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(
        std::chrono::duration<double>(seconds)));
    timer.async_wait([this](const asio::error_code& error) {
      if (!error) run_tick();
    });
  }

  Heard heard;
  Tick tick;
  asio::io_context io;
  udp::socket socket;
  asio::steady_timer timer;
  std::array<uint8_t, 2048> place{};
  std::thread thread;
};

UdpLink::UdpLink(Heard heard, Tick tick)
    : inner_(std::make_unique<Inner>(std::move(heard), std::move(tick))) {}

UdpLink::~UdpLink() { close(); }

Status UdpLink::connect(const std::string& host, int port) {
  Inner& inner = *inner_;
  asio::error_code error;
  udp::resolver resolver(inner.io);
  const auto found = resolver.resolve(host, std::to_string(port), error);
  if (error || found.empty()) {
    return Status::unavailable("remote: no machine of the name " + host +
                               " is known; set host to its name or address");
  }
  const udp::endpoint there = found.begin()->endpoint();
  inner.socket.open(there.protocol(), error);
  if (!error) inner.socket.connect(there, error);
  if (error) {
    return Status::unavailable("remote: no way to " + host + ": " + error.message() +
                               "; is this machine on the network?");
  }
  asio::error_code ignored;
  inner.socket.set_option(asio::socket_base::receive_buffer_size(socket_bytes), ignored);
  inner.socket.set_option(asio::socket_base::send_buffer_size(socket_bytes), ignored);
  asio::post(inner.io, [&inner] {
    inner.receive();
    inner.run_tick();
  });
  inner.thread = std::thread([&inner] { inner.io.run(); });
  return {};
}

void UdpLink::send(Bytes datagram) {
  asio::error_code ignored;  // a full buffer or an unplugged cable: the same as a loss on the way
  inner_->socket.send(asio::buffer(datagram.data(), datagram.size()), 0, ignored);
}

void UdpLink::wake() {
  asio::post(inner_->io, [this] { inner_->run_tick(); });
}

void UdpLink::close(const std::function<void()>& last) {
  if (!inner_->thread.joinable()) return;
  asio::post(inner_->io, [this, &last] {
    last();
    asio::error_code ignored;
    inner_->timer.cancel();
    inner_->socket.close(ignored);
  });
  inner_->thread.join();
}

}  // namespace sideman::osc

#include "backends/osc/ear.h"

#include <array>
#include <asio.hpp>
#include <chrono>
#include <mutex>
#include <utility>

#include "core/own_thread.h"

namespace sideman::osc {
namespace {

using asio::ip::udp;

// Datagrams in one go, before anybody else gets the lock.
constexpr size_t most_in_a_row = 64;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Peer peer_of(const asio::ip::address& address, uint16_t port) {
  const auto v6 = address.is_v6()
                      ? address.to_v6()
                      : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4());
  return {.address = v6.to_bytes(), .port = port};
}

}  // namespace

struct Ear::Inner {
  Inner(uintptr_t native, bool v6, std::function<void()> rings)
      : ring(std::move(rings)), socket(io) {
    socket.assign(v6 ? udp::v6() : udp::v4(),
                  static_cast<udp::socket::native_handle_type>(native));
    socket.non_blocking(true);
  }

  void wait() {
    socket.async_wait(udp::socket::wait_read, [this](const asio::error_code& error) {
      if (error == asio::error::operation_aborted) return;
      if (drain()) ring();
      wait();
    });
  }

  // Whether something came to lie where nothing lay. Python is never kept waiting by the kernel.
  bool drain() {
    size_t count = 0;
    for (size_t tries = 0; tries < batch.size(); ++tries) {
      Arrived& one = batch[count];
      asio::error_code error;
      one.size = socket.receive_from(asio::buffer(one.place), one.from, 0, error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (!error) ++count;  // an error tells of an earlier datagram
    }
    const std::lock_guard lock(mutex);
    const bool empty = waiting.empty();
    for (size_t i = 0; i < count; ++i) {
      const Arrived& one = batch[i];
      const Bytes datagram(one.place.data(), one.size);
      if (waiting.size() >= most_waiting ||
          !sieve.passes(datagram, peer_of(one.from.address(), one.from.port()), now())) {
        ++dropped;
        continue;
      }
      waiting.push_back({.datagram = {datagram.begin(), datagram.end()},
                         .host = one.from.address().to_string(),
                         .port = one.from.port()});
    }
    return empty && !waiting.empty();
  }

  struct Arrived {
    std::array<uint8_t, 2048> place{};  // a longer datagram is cut, and then nobody's
    size_t size = 0;
    udp::endpoint from;
  };

  std::function<void()> ring;
  asio::io_context io;
  udp::socket socket;
  std::vector<Arrived> batch{most_in_a_row};
  std::mutex mutex;  // of what follows
  Sieve sieve;
  std::vector<Came> waiting;
  int64_t dropped = 0;
  OwnThread thread;
};

Ear::Ear(uintptr_t native, bool v6, std::function<void()> ring)
    : inner_(std::make_unique<Inner>(native, v6, std::move(ring))) {
  inner_->wait();
  inner_->thread = own_thread([inner = inner_.get()] { inner->io.run(); });
}

Ear::~Ear() {
  inner_->io.stop();
  inner_->thread.join();
  asio::error_code ignored;
  inner_->socket.release(ignored);  // it is the caller's
}

void Ear::admit(int64_t session, const std::optional<SessionKeys>& keys, const std::string& host,
                uint16_t port) {
  const Peer peer = peer_of(asio::ip::make_address(host), port);
  const std::lock_guard lock(inner_->mutex);
  inner_->sieve.admit(session, keys, peer);
}

void Ear::dismiss(int64_t session) {
  const std::lock_guard lock(inner_->mutex);
  inner_->sieve.dismiss(session);
}

std::vector<Ear::Came> Ear::take() {
  const std::lock_guard lock(inner_->mutex);
  return std::exchange(inner_->waiting, {});
}

int64_t Ear::dropped() const {
  const std::lock_guard lock(inner_->mutex);
  return inner_->dropped;
}

}  // namespace sideman::osc

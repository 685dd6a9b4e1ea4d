// libFuzzer's door to everything that reads bytes from the network. Built by the preset `fuzz`
// (clang), run by hand: build/fuzz/tests/osc/fuzz_packets -runs=10000000 -max_len=1400
#include <cstdint>
#include <vector>

#include "backends/osc/bodies.h"
#include "backends/osc/channel.h"
#include "backends/osc/greeting.h"
#include "backends/osc/pairs.h"
#include "backends/osc/remote_session.h"
#include "backends/osc/sieve.h"
#include "backends/osc/slip.h"

using namespace sideman;
using namespace sideman::osc;

namespace {

void require(bool held) {
  if (!held) __builtin_trap();
}

// A plain session takes what is inside its envelopes, so that the fuzzer gets past them.
void in_envelopes(Bytes data) {
  Envelope other(7, std::nullopt);
  Channel channel(7, std::nullopt, 1 << 16);
  std::array<uint8_t, datagram_bytes> place;
  double now = 1.0;
  while (!data.empty()) {
    const size_t size = std::min<size_t>(data.size(), 4 + data[0] % 200);
    static_cast<void>(channel.receive(other.wrap(place, data.first(size)), now));
    while (const auto body = channel.collect()) require(body->bytes.size() <= (1 << 16));
    while (!channel.next(place, now).empty()) {
    }
    require(channel.next_due(now) >= now);
    data = data.subspan(size);
    now += 0.01;
  }
}

// What is forged never passes the server's sieve; what a guest sent passes once.
void at_the_port(Bytes data) {
  static const Key token = token_key("a token for the fuzzer");
  static const KeyPair one = KeyPair::make(), other = KeyPair::make();
  static Sieve sieve = [] {
    Sieve made;
    made.admit(7, session_keys(Side::server, other, one.open, token, 7), {});
    return made;
  }();
  const auto message = Reader::of(data);
  const bool hello = message && message->address() == "/sideman/hello";
  require(hello || !sieve.passes(data, {}, 1.0));
}

void sealed(Bytes data) {
  static const Key token = token_key("a token for the fuzzer");
  static const KeyPair one = KeyPair::make(), other = KeyPair::make();
  static Channel channel(7, session_keys(Side::client, one, other.open, token, 7));
  require(!channel.receive(data, 1.0));
  require(channel.counts().received == 0);
}

void whole(Bytes data) {
  static const Greeting greeting("a token for the fuzzer");
  const auto answer = greeting.hears(data);
  require(!answer.session);  // nobody makes the proof up
  std::vector<float> audio(64);
  HopResult result{.audio = audio, .parts = 1};
  static_cast<void>(read_played(data, result));
  RemoteSession session("", [](Bytes) {});
  session.wish({.model = "mini"}, 1.0);
  session.receive(data, 1.0);
  static_cast<void>(session.tick(1.1));
  static_cast<void>(session_of(data));
  Unframer frames(datagram_bytes);
  static_cast<void>(frames.take(data, [](Bytes frame) { require(frame.size() <= datagram_bytes); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 2) return 0;
  const Bytes data(bytes + 1, size - 1);
  switch (bytes[0] % 4) {
    case 0: in_envelopes(data); break;
    case 1: sealed(data); break;
    case 2: at_the_port(data); break;
    default: whole(data); break;
  }
  return 0;
}

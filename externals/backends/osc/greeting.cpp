#include "backends/osc/greeting.h"

#include <algorithm>

#include "backends/osc/pairs.h"

namespace sideman::osc {
namespace {

constexpr int64_t version = 1;
constexpr size_t hello_bytes = 320;

}  // namespace

Greeting::Greeting(const std::string& token) : own_(KeyPair::make()) {
  if (!token.empty()) token_ = token_key(token);
  PairWriter hello("/sideman/hello");
  hello.add("version", version).add("key", Bytes(own_.open));
  if (token_) hello.add("proof", Bytes(hello_proof(*token_, own_.open)));
  PairWriter short_one = hello;
  const size_t size = short_one.add("filling", Bytes(std::array<uint8_t, 4>{})).done().size();
  hello_ = hello.add("filling", Bytes(std::vector<uint8_t>(4 + hello_bytes - size))).done();
}

Greeting::~Greeting() {
  wipe(own_.secret);
  if (token_) wipe(*token_);
}

Greeting::Answer Greeting::hears(Bytes datagram) const {
  if (const auto no = Pairs::of(datagram, "/sideman/no")) {
    return {.session = {}, .keys = {}, .refusal = std::string(no->text("why"))};
  }
  const auto told = Pairs::of(datagram, "/sideman/welcome");
  if (!told || told->integer("version") != version) return {};
  const int64_t session = told->integer("session", -1);
  const Bytes key = told->blob("key"), proof = told->blob("proof");
  if (session < 0) return {};
  if (!token_) {
    if (!proof.empty()) return {};
    return {.session = session, .keys = {}, .refusal = {}};
  }
  if (key.size() != key_bytes) return {};
  Key server{};
  std::copy(key.begin(), key.end(), server.begin());
  if (!same(proof, welcome_proof(*token_, own_.open, server, session))) return {};
  const auto keys = session_keys(Side::client, own_, server, *token_, session);
  if (!keys) return {};
  return {.session = session, .keys = keys, .refusal = {}};
}

}  // namespace sideman::osc

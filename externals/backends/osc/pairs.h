#pragma once
// Messages of names and values (docs/protocol.md): `name value name value ...`, a name being a
// string. Allocates; any thread but audio.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backends/osc/osc.h"

namespace sideman::osc {

class PairWriter {
 public:
  explicit PairWriter(std::string address) : address_(std::move(address)) {}

  PairWriter& add(std::string_view name, int64_t value);
  PairWriter& add(std::string_view name, double value);
  PairWriter& add(std::string_view name, std::string_view value);
  PairWriter& add(std::string_view name, Bytes value);

  std::vector<uint8_t> done() const;

 private:
  using Value = std::variant<int64_t, double, std::string, std::vector<uint8_t>>;

  std::string address_;
  std::vector<std::pair<std::string, Value>> pairs_;
};

// Reads such a message; views are valid as long as its bytes. A name that is not there, or has a
// value of another type, reads as the default.
class Pairs {
 public:
  // Empty for another address, and for what is not names and values.
  static std::optional<Pairs> of(Bytes message, std::string_view address);

  int64_t integer(std::string_view name, int64_t otherwise = 0) const;
  double real(std::string_view name, double otherwise = 0.0) const;
  std::string_view text(std::string_view name) const;
  Bytes blob(std::string_view name) const;

 private:
  using Value = std::variant<int64_t, double, std::string_view, Bytes>;

  template <typename Kind>
  const Kind* find(std::string_view name) const;

  std::vector<std::pair<std::string_view, Value>> pairs_;
};

// The address of a message; empty for what is none.
std::string_view address_of(Bytes message);

}  // namespace sideman::osc

#include "backends/osc/pairs.h"

namespace sideman::osc {
namespace {

constexpr char tag_of[] = {'h', 'd', 's', 'b'};  // by the index of a Value

size_t padded(size_t size) { return (size + 3) / 4 * 4; }

}  // namespace

PairWriter& PairWriter::add(std::string_view name, int64_t value) {
  pairs_.emplace_back(name, value);
  return *this;
}

PairWriter& PairWriter::add(std::string_view name, double value) {
  pairs_.emplace_back(name, value);
  return *this;
}

PairWriter& PairWriter::add(std::string_view name, std::string_view value) {
  pairs_.emplace_back(name, std::string(value));
  return *this;
}

PairWriter& PairWriter::add(std::string_view name, Bytes value) {
  pairs_.emplace_back(name, std::vector<uint8_t>(value.begin(), value.end()));
  return *this;
}

std::vector<uint8_t> PairWriter::done() const {
  std::string tags;
  size_t size = padded(address_.size() + 1) + padded(2 * pairs_.size() + 2);
  for (const auto& [name, value] : pairs_) {
    tags += {'s', tag_of[value.index()]};
    size += padded(name.size() + 1) + 8;
    if (const auto* text = std::get_if<std::string>(&value)) size += padded(text->size() + 1);
    if (const auto* blob = std::get_if<std::vector<uint8_t>>(&value)) size += padded(blob->size());
  }
  std::vector<uint8_t> place(size);
  Writer writer(place, address_, tags);
  for (const auto& [name, value] : pairs_) {
    writer.string(name);
    if (const auto* number = std::get_if<int64_t>(&value)) writer.int64(*number);
    if (const auto* number = std::get_if<double>(&value)) writer.float64(*number);
    if (const auto* text = std::get_if<std::string>(&value)) writer.string(*text);
    if (const auto* blob = std::get_if<std::vector<uint8_t>>(&value)) writer.blob(*blob);
  }
  place.resize(writer.done().size());
  return place;
}

std::optional<Pairs> Pairs::of(Bytes message, std::string_view address) {
  auto reader = Reader::of(message);
  if (!reader || reader->address() != address || reader->tags().size() % 2 != 0) {
    return std::nullopt;
  }
  Pairs found;
  const std::string_view tags = reader->tags();
  for (size_t i = 0; i < tags.size(); i += 2) {
    const std::string_view name = reader->string();
    switch (tags[i + 1]) {
      case 'i': found.pairs_.emplace_back(name, int64_t{reader->int32()}); break;
      case 'h': found.pairs_.emplace_back(name, reader->int64()); break;
      case 'd': found.pairs_.emplace_back(name, reader->float64()); break;
      case 's': found.pairs_.emplace_back(name, reader->string()); break;
      case 'b': found.pairs_.emplace_back(name, reader->blob()); break;
      default: return std::nullopt;
    }
  }
  return reader->complete() ? std::optional(std::move(found)) : std::nullopt;
}

template <typename Kind>
const Kind* Pairs::find(std::string_view name) const {
  for (const auto& [known, value] : pairs_) {
    if (known == name) return std::get_if<Kind>(&value);
  }
  return nullptr;
}

int64_t Pairs::integer(std::string_view name, int64_t otherwise) const {
  const auto* value = find<int64_t>(name);
  return value == nullptr ? otherwise : *value;
}

double Pairs::real(std::string_view name, double otherwise) const {
  if (const auto* whole = find<int64_t>(name)) return static_cast<double>(*whole);
  const auto* value = find<double>(name);
  return value == nullptr ? otherwise : *value;
}

std::string_view Pairs::text(std::string_view name) const {
  const auto* value = find<std::string_view>(name);
  return value == nullptr ? std::string_view{} : *value;
}

Bytes Pairs::blob(std::string_view name) const {
  const auto* value = find<Bytes>(name);
  return value == nullptr ? Bytes{} : *value;
}

std::string_view address_of(Bytes message) {
  const auto reader = Reader::of(message);
  return reader ? reader->address() : std::string_view{};
}

}  // namespace sideman::osc

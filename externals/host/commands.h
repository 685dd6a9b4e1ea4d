#pragma once
// The messages that are no settings: one table, from which Max registers its methods, the help is
// checked and a mistyped message is answered. Any thread; constant data.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sideman {

enum class CommandKind { load, reset, window, tempo, beat, meter, record, render, info, doctor, bench };

struct Command {
  CommandKind kind;
  std::string_view name;
  std::string_view arguments;  // as the help shows them; in brackets: may be left out
  std::string_view sentence;   // one sentence of help
};

std::span<const Command> command_table();
const Command* find_command(std::string_view name);

std::vector<std::string_view> setting_names();
// Commands and settings: what a patch may send.
std::vector<std::string_view> message_names();

// "unknown setting 'prats': did you mean 'parts'?" in one line.
std::string unknown_name(std::string_view what, std::string_view word,
                         const std::vector<std::string_view>& names);

}  // namespace sideman

#include <array>

#include "core/settings.h"

namespace sideman {
namespace {

using enum SettingType;
using enum SettingEffect;

constexpr std::array<Setting, 28> table{{
    {"model", text, "", 0, 0, "mini", "", backend, "Model",
     "The model that plays: a name that sideman models lists, or the path of a model folder."},
    {"parts", words, "", 1, most_parts, "auto", "", creation, "Parts",
     "What to play, one word and one signal outlet per part: bass, drums, guitar, piano, or a "
     "name that the model declares; auto alone is the model's first."},
    {"mc", toggle, "", 0, 1, "0", "", creation, "Multichannel",
     "One multichannel outlet for all parts in place of one for each; said when the object is made. "
     "The number of parts may then change while it plays."},
    {"hop", integer, "frames", 1, 256, "auto", "auto", stream, "Hop",
     "New audio per generation; auto takes the model's own choice."},
    {"lead", integer, "frames", 1, 256, "auto", "auto", stream, "Lead",
     "From the end of the music heard to the start of the part that answers it; auto measures the "
     "machine and takes the shortest that meets its deadlines."},
    {"steps", integer, "", 1, 50, "auto", "auto", live, "Steps",
     "Denoising steps per hop; more steps sound better and take longer; auto is the model's own "
     "choice."},
    {"seed", integer, "", 0, 2147483647, "0", "", stream, "Seed",
     "The random seed: the same music, settings and seed give the same part."},
    {"guidance", real, "", 0, 20, "auto", "auto", live, "Guidance",
     "How strictly the part follows the music heard; auto is the model's own choice."},
    {"temperature", real, "", 0, 2, "auto", "auto", live, "Temperature",
     "How much is left to chance: lower plays safer and sparser, higher freer; auto is the model's "
     "own choice."},
    {"sampler", choice, "", 0, 0, "auto", "auto euler ping-pong dpm++ euler++ ping-pong++", live,
     "Sampler",
     "How each hop is denoised; auto is the model's own choice."},
    {"mode", choice, "", 0, 0, "accompany", "accompany continue delay", live, "Mode",
     "What it plays: accompany fits a part to what it hears, continue goes on from what you played "
     "once you pause, delay gives your playing back, re-timbred, one reaction later."},
    {"tags", tags, "", 0, most_tags, "", "", live, "Tags",
     "How the part shall sound: words that the model knows, each followed by its weight from 0 to "
     "1, or by none for 1; empty leaves it to the model."},
    {"inertia", real, "", 0, 1, "1", "", live, "Inertia",
     "How much of its own past the part keeps when its heaviest tags, from half of the heaviest on, become others."},
    {"feedback", real, "", 0, 1, "0", "", live, "Feedback",
     "In mode delay: how much of what is played back is heard again."},
    {"mix", real, "", 0, 1, "1", "", live, "Mix",
     "In mode delay: from your own sound, 0, to the model's, 1."},
    {"patience", real, "beats", 0, 64, "1", "", live, "Patience",
     "In mode accompany: beats of silence after which the part rests too, and it begins once it "
     "hears something; 0 plays on."},
    {"clock", choice, "", 0, 0, "auto", "auto transport track off", live, "Clock",
     "Where tempo and beat come from: auto takes the host's transport while it runs, else the tempo "
     "and beat messages once they came, else what the model hears; transport, track and off take "
     "only the host's, only what is heard, or none."},
    {"backend", choice, "", 0, 0, "auto", "auto embedded remote echo", backend, "Backend",
     "Who answers: a model in the embedded Python, a server, or a plain echo for trying a patch; auto "
     "takes the server where host is set, and the embedded Python else and while it does not answer."},
    {"host", text, "", 0, 0, "", "", backend, "Host",
     "Name or address of the machine where sideman serve runs; empty: this one, for backend remote."},
    {"port", integer, "", 1, 65535, "7770", "", backend, "Port",
     "UDP port of the server."},
    {"token", text, "", 0, 0, "", "", backend, "Token",
     "File with the server's token, a copy of the one that sideman serve --new-token made; a server "
     "on this machine may do without."},
    {"device", choice, "", 0, 0, "auto", "auto cpu cuda mps", backend, "Device",
     "Where the model computes: auto is the processor, or what the server was started with. With a "
     "server in between, what stands in for it here uses the processor."},
    {"python", text, "", 0, 0, "", "", backend, "Python",
     "The folder of the virtual environment that holds the sideman package; empty looks in the "
     "package's default places."},
    {"threads", integer, "", 1, 64, "1", "", backend, "Threads",
     "Processor threads that the model may use."},
    {"fade", real, "ms", 0, 50, "10", "", stream, "Fade",
     "Length of every fade and join."},
    {"fallback", choice, "", 0, 0, "silence", "silence hold", live, "Fallback",
     "What sounds when an answer is late or missing: silence, or the last slot repeated."},
    {"mute", toggle, "", 0, 1, "0", "", live, "Mute",
     "Fades to silence when on, and keeps listening; plays when off."},
    {"delay", real, "ms", 0, 10000, "0", "", backend, "Delay",
     "Time that the echo backend pretends to think, for trying late answers."},
}};

}  // namespace

std::span<const Setting> settings_table() { return table; }

const Setting* find_setting(std::string_view name) {
  for (const Setting& row : table) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace sideman

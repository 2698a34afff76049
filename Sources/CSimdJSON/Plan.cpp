#include "Plan.hpp"

#include <new>

namespace {

// One reference token of a JSON pointer, from after its `/`. False if a `~` escapes nothing.
bool unescape_token(const uint8_t *bytes, size_t count, std::string &key) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '~') {
            key.push_back(static_cast<char>(bytes[i]));
            continue;
        }
        if (i + 1 == count || (bytes[i + 1] != '0' && bytes[i + 1] != '1')) return false;
        key.push_back(bytes[++i] == '0' ? '~' : '/');
    }
    return true;
}

uint32_t array_index(const std::string &key) {
    if (key.empty() || key.size() > 9 || (key[0] == '0' && key.size() > 1)) return sj_plan::NONE;
    uint32_t index = 0;
    for (char c : key) {
        if (c < '0' || c > '9') return sj_plan::NONE;
        index = index * 10 + static_cast<uint32_t>(c - '0');
    }
    return index;
}

}  // namespace

bool sj_plan::add(const sj_target &target) {
    uint32_t at = 0;
    const uint8_t *next = target.pointer;
    const uint8_t *end = target.pointer + target.count;
    while (next != end) {
        if (*next != '/') return false;
        next++;
        const void *slash = std::memchr(next, '/', static_cast<size_t>(end - next));
        const uint8_t *stop = slash ? static_cast<const uint8_t *>(slash) : end;
        std::string key;
        if (!unescape_token(next, static_cast<size_t>(stop - next), key)) return false;
        uint32_t child_node = NONE;
        for (const child &existing : nodes[at].children) {
            if (existing.key == key) child_node = existing.node;
        }
        if (child_node == NONE) {
            child_node = static_cast<uint32_t>(nodes.size());
            nodes.emplace_back();
            const uint32_t index = array_index(key);
            nodes[at].children.push_back(child{std::move(key), index, child_node});
        }
        at = child_node;
        next = stop;
    }
    nodes[at].slots.push_back(target.slot);
    slots.push_back(target.slot);
    return true;
}

void sj_plan::index_children() {
    for (node &each : nodes) {
        if (each.children.empty()) continue;
        size_t size = 8;
        while (size < each.children.size() * 4) size *= 2;
        each.table.assign(size, place{});
        for (uint32_t i = 0; i < each.children.size(); i++) {
            const std::string &key = each.children[i].key;
            const ends ends(reinterpret_cast<const uint8_t *>(key.data()), key.size());
            size_t at = ends.hash(key.size()) & (size - 1);
            while (each.table[at].node != NONE) at = (at + 1) & (size - 1);
            each.table[at] = place{
                ends.first, ends.last, static_cast<uint32_t>(key.size()), each.children[i].node, i};
        }
    }
}

sj_plan *sj_plan_make(const sj_target *targets, size_t count) {
    // No exception crosses the border: the only ones here are those of the allocator.
    sj_plan *plan = nullptr;
    try {
        plan = new sj_plan;
        plan->nodes.emplace_back();
        for (size_t i = 0; i < count; i++) {
            if (!plan->add(targets[i])) {
                delete plan;
                return nullptr;
            }
        }
        plan->index_children();
        return plan;
    } catch (...) {
        delete plan;
        return nullptr;
    }
}

void sj_plan_free(sj_plan *plan) { delete plan; }

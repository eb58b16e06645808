"""Makes static/corpora/miller-street.txt: `python tests/corpus/compose.py`.

The passages of written.txt are written by hand. The others are composed from the sentences below, whose gaps are filled by chance, so that
the text is long enough to train on. No two passages are equal. Everything here was written for this project and copies no other text.
"""

import random
from pathlib import Path

HERE = Path(__file__).parent
PEOPLE = [
    ("Anna", "she", "her"), ("Tom", "he", "his"), ("Old Sam", "he", "his"), ("Mrs. Harrow", "she", "her"),
    ("Mr. Penn", "he", "his"), ("Will", "he", "his"), ("Mrs. Lowe", "she", "her"), ("the teacher", "she", "her"),
    ("the miller's daughter", "she", "her"), ("the butcher", "he", "his"), ("Clara", "she", "her"), ("the doctor", "he", "his"),
]
LISTS = {
    "place": ["the bridge", "the mill", "the bakery", "the school", "the library", "the ferry", "the square", "the clock shop", "the hill",
              "the orchard", "the station", "the old well", "the churchyard", "the garden behind the school"],
    "thing": ["a brass key", "a blue cup", "a pair of spectacles", "a wooden spoon", "a bag of seeds", "a letter without a name", "a small mirror",
              "a broken clock", "a red umbrella", "a map of the river", "a tin whistle", "a silver thimble", "a basket of plums", "a coil of rope",
              "a picture of a ship", "a lantern", "a jar of honey", "a black glove"],
    "weather": ["It was raining a little", "The sun had just come out", "There was fog on the river", "It was a cold and clear morning",
                "The wind came from the west", "It had snowed in the night", "The evening was warm and still", "A storm was on its way",
                "The first leaves were falling", "It was the hottest day of the year"],
    "day": ["On Monday", "On Tuesday", "On Wednesday", "On Thursday", "On Friday", "On Saturday", "On Sunday", "In the first week of May",
            "On the last day of October", "On the shortest day of the year", "At the end of the summer", "One evening in March"],
    "food": ["bread and cheese", "a plate of pancakes", "onion soup", "an apple cake", "a cold potato", "roast chestnuts", "a bowl of porridge",
             "a pot of tea", "pears and nuts", "a slice of plum tart", "a boiled egg", "pea soup with bacon"],
    "animal": ["a heron", "a grey cat", "a small brown dog", "a hedgehog", "an owl", "a goose", "the fox", "a blackbird", "a hare", "a very old horse"],
    "work": ["mending a net", "painting a fence", "counting the steps to the river", "sharpening a knife", "writing a letter", "digging in the garden",
             "sweeping the yard", "looking for a button", "carrying water", "peeling apples", "reading yesterday's paper", "waiting for the train"],
    "feeling": ["glad", "a little sad", "tired", "curious", "not quite sure", "very quiet", "rather proud", "surprised", "out of breath", "content"],
    "number": ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty", "thirty"],
    "time": ["before breakfast", "at noon", "when the clock struck four", "late in the afternoon", "after supper", "long after dark", "at sunrise",
             "between two showers", "while the bells were ringing", "as soon as the shop was closed"],
    "colour": ["red", "green", "blue", "yellow", "white", "brown", "grey", "black"],
    "saying": ["It will be warmer tomorrow", "I have seen it before", "Nobody needs to know", "That is how it has always been",
               "You should have asked me first", "There is still time", "It was not my fault", "I thought so", "One of us must be wrong",
               "We shall see", "It is further than it looks", "I would not do that", "Somebody has to begin", "Ask me again in the spring"],
    "lesson": ["Things are easier to find when nobody is looking for them", "A good tool should be put back where it was",
               "It is better to ask twice than to go the wrong way once", "What is done slowly is seldom done again",
               "A door that is open needs no key", "The shortest way is not always the one that is taken", "A neighbour is worth more than a wall",
               "Whoever is in a hurry should sit down first"],
    "material": ["wood", "wool", "clay", "iron", "paper", "glass", "leather", "straw"],
    "tool": ["a hammer", "a needle", "a wheel", "a pair of scissors", "a saw", "a lamp", "a bucket", "a ladder", "a pump", "a pair of scales"],
    "part": ["the handle", "the edge", "the rope", "the screw", "the bottom", "the hinge", "the wick", "the spring"],
    "vegetable": ["carrots", "onions", "leeks", "cabbage", "beans", "potatoes", "turnips", "mushrooms", "peas", "beetroot"],
    "herb": ["parsley", "thyme", "sage", "bay leaves", "chives", "mint", "caraway", "marjoram"],
    "fruit": ["apples", "pears", "plums", "cherries", "quinces", "blackberries", "gooseberries", "rhubarb"],
    "tree": ["oak", "birch", "willow", "chestnut", "apple tree", "poplar", "lime tree", "elder"],
}
# {p} is a person, {he} and {his} speak of it; {q} is another one. Two gaps of one list are filled differently.
STORIES = [
    "{day} {p} found {thing} near {place}. {weather}, and nobody else was there. {He} asked at {place} whether somebody had lost it, but they only shook their heads. So {he} put it on the window sill, where everybody who went by could see it. After {number} days it was gone, and in its place lay {thing}.",
    "{weather} when {p} came to {place}. {q} was already there, {work}. \"{saying},\" said {q}. \"{saying},\" said {p}, and sat down. They ate {food} and looked at the river. {time} they went home, and each of them was {feeling}.",
    "Every year {p} walks from {place} to {place} and counts the steps. Last year there were {number} hundred and {number}. This year there was one more. \"{saying},\" said {q}, who had come along. But {p} was {feeling}, and {day} {he} walked it once more.",
    "{p} had {thing} that had belonged to {his} grandmother. It stood on the shelf next to {thing}, and {he} never used it. {day} {q} came by and asked what it was for. \"{saying},\" said {p}. {lesson}.",
    "There was {animal} at {place}, and nobody knew whose it was. It came {time}, ate what was left of {food}, and went away without a sound. {p} called it {colour}, because {he} could think of no better name. When {q} came with a rope to catch it, it only looked at {q} as if to say: \"{saying}.\"",
    "\"Have you seen my {colour} hat?\" asked {p}. \"{saying},\" said {q}, who was {work}. {p} looked at {place} and behind {place}, and found {thing}, but no hat. {time} {he} saw {animal} on the roof of {place}, and beside it there was something {colour}.",
    "{p} and {q} did not speak to each other for {number} weeks, because of {thing}. {weather}. Then, {time}, both of them happened to be at {place}, and neither had an umbrella. \"{saying},\" said {p}. \"{saying},\" said {q}. After that they could not remember what it had been about.",
    "They say that there is a room under {place} in which somebody hid {number} barrels of gold. {p} has looked for it with a lamp, and {q} has looked for it with a spade. All that was ever found there is {thing}. \"{saying},\" says {p}, whenever {he} is asked about it.",
    "{day} the train was {number} hours late. {p} sat on the bench and waited. {weather}. First {he} read the timetable, then {he} ate {food}, and then {he} began to talk to {animal} that lived behind the station. When the train came at last, {he} was almost sorry.",
    "{p} is {number} years older than {q}, and has never let it be forgotten. When they were children, {p} could run faster, from {place} to {place}, while {q} was always {work}. Now both of them are old. \"{saying},\" says {q}, and they take the same road, slowly.",
    "In the window of the shop there was {thing}, and it cost {number} pennies. {p} had one less. {He} came back {time}, and it was still there. {He} came back {day}, and it was gone. \"I kept it for you,\" said {q}. \"{saying}.\" That is how {p} learned what credit is.",
    "When {p} was a child, the winters were longer. The snow lay as high as {place}, and one had to dig {number} steps down to the door. They burned {material} and old chairs, and they lived on {food}. \"{saying},\" {q} used to say in those days, and in the end it was spring.",
]
LETTERS = [
    "Dear {p}, I write to you from {place}. {weather}. I have found {thing} here, and I thought of you at once. {day} we had {food}, and {q} sang. I am {feeling} and shall stay for {number} more days. Please water the {vegetable}. Yours, {q}.",
    "Dear {p}, thank you for {thing}. It came {time}, and the postman was as curious as I was. I have put it next to {thing}. You ask how we are: {q} is {work}, the {fruit} are nearly ripe, and I am {feeling}. Come and see us when the {tree} is in leaf. Your old friend.",
    "To whom it may concern: {day}, {time}, somebody left {thing} at {place}. It can be fetched from {p}, who would like to know how it came there. Whoever cannot say what colour it is need not come. It is not {colour}.",
    "Notice. The meeting about {place} will be held {time} and not, as was said before, {time}. Please bring a chair and {food}. {p} will speak about the price of {material}, and {q} will speak against it. Children are welcome if they are quiet.",
]
HOWTO = [
    "How to make soup of {vegetable}. Wash {number} handfuls of {vegetable} and cut them small. Let an onion become soft in a little butter, but not brown. Add the rest, pour water over it, and let it boil for half an hour. Put in some {herb} at the end, with salt and a spoon of cream. {p} adds {herb} as well, and says that it makes all the difference.",
    "How to keep {fruit} through the winter. Take only those that have no spots. Lay them on straw in a cool room, so that no two of them touch, and look at them once in {number} days. What begins to be soft is eaten first, with {food}. A boiled {fruit} jam keeps longer, but it takes {number} pounds of sugar.",
    "How to look after {tool}. Clean it when the work is done, and not before the next work begins. Look at {part} first, because that is what breaks. Rub it with a little oil and hang it up where it is dry. {lesson}. With such care {p} has used the same one for {number} years.",
    "How to tell an {tree} from a {tree} in winter. Look at the bark, and then at the buds. Those of the one are long and {colour}, those of the other are round and {colour}. If you are still not sure, wait until May. {p} says that trees do not mind being mistaken for each other.",
    "What is {tool} for? {p} says that it saves strength: with it one does slowly and lightly what would be fast and heavy without it. Nothing is won for free. What is saved in force is paid for in distance. {q}, who was {work}, said that this was true of most things. {lesson}.",
    "Which is stronger, {material} or {material}? It depends on what you do with it. If you pull, the one holds longer; if you press, the other. If you leave it in the rain for {number} months, both are weak. {p} once built a bridge of {material}, and {animal} walked over it, and nobody else dared to.",
    "To grow {vegetable}, loosen the earth in March and mix it with what was left over last year. Sow in rows, a hand apart, and cover the seeds as deep as they are thick. Water them {time}. After {number} weeks pull out every second plant and eat it with {herb}. {p} sows on the day on which the {tree} blossoms, and is never wrong.",
    "If you want to draw {animal}, look at it for as long as it lets you, and only then begin. Start with the back, which is one line. Leave out everything that you did not see. {p} drew one {time}, with a piece of {colour} chalk, and everybody knew at once what it was, except {q}.",
]
LINES = [
    "{weather}. {p} stood before {place} and was {feeling}. \"{saying},\" {he} said to nobody.",
    "The {tree} at {place} is {number} hundred years old. {p} says that it was planted by mistake.",
    "\"What are you doing?\" asked {q}. \"I am {work},\" said {p}. \"{time}?\" \"When else?\" said {p}. \"{saying}.\"",
    "{p} never eats {food} {time}. {He} did it once, {day}, and dreamed of {animal} that wanted {thing}.",
    "{lesson}, as {p} says, and {he} says it most often to {q}, who is {feeling} about it.",
    "The {colour} house next to {place} belongs to {p}. It has {number} windows and {thing} in each of them.",
    "What did {p} see {time} at {place}? {He} says that it was {animal}. {q} says that it was only {thing}. {weather}, so both of them may be right.",
    "{day} there was no {material} to be had in the whole town, and {p} made {his} {tool_bare} of {material}. It lasted for {number} days.",
]


def filled(template, chance):
    """The template with every gap filled."""
    (p, he, his), (q, _, _) = chance.sample(PEOPLE, 2)
    fresh = {name: chance.sample(words, len(words)) for name, words in LISTS.items()}
    out, rest = [], template
    while "{" in rest:
        before, rest = rest.split("{", 1)
        gap, rest = rest.split("}", 1)
        own = {"p": p, "q": q, "he": he, "He": he.capitalize(), "his": his}
        if gap == "tool_bare":
            word = fresh["tool"].pop().removeprefix("a pair of ").removeprefix("a ")
        else:
            word = own[gap] if gap in own else fresh[gap].pop()
            if gap in ("day", "weather"):
                word = word[0].lower() + word[1:]
        out += [before, word]
    text = "".join(out) + rest
    for wrong, right in {"an birch": "a birch", "an willow": "a willow", "an chestnut": "a chestnut", "an poplar": "a poplar",
                         "an lime": "a lime", "a oak": "an oak", "a apple": "an apple", "a elder": "an elder"}.items():
        text = text.replace(wrong, right)
    # A sentence begins with a capital letter.
    parts = []
    begin = True
    for place, character in enumerate(text):
        parts.append(character.upper() if begin else character)
        begin = begin and not character.isalpha()
        if character in ".?!" and text[place + 1:place + 2] == " " and text[max(0, place - 3):place] not in (" Mr", "Mrs"):
            begin = True
        if text[max(0, place - 2):place] in (", ", ": ") and character == '"':
            begin = True
    return "".join(parts)


def main():
    chance = random.Random(1)
    passages = (HERE / "written.txt").read_text().strip().split("\n\n")
    composed = set()
    for templates, count in ((STORIES, 11), (LETTERS, 9), (HOWTO, 11), (LINES, 16)):
        for template in templates:
            for _ in range(count):
                composed.add(filled(template, chance))
    passages += sorted(composed)
    chance.shuffle(passages)
    assert len(set(passages)) == len(passages)
    text = "\n\n".join(passages) + "\n"
    assert text.isascii() and len(text) >= 100_000, len(text)
    (HERE.parent.parent / "static/corpora/miller-street.txt").write_text(text)
    print(f"{len(passages)} passages, {len(text)} characters, {len(set(text))} different ones")


main()

"""What was typed into the forms. What cannot be taken is explained, and the form stays open."""

from __future__ import annotations

from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, PhotoSize

from handlers.forms import open_form
from handlers.photos import content_of
from handlers.refusals import words
from handlers.reply import show
from handlers.shelf import forms, screens
from handlers.shelf.states import ShelfForm
from locales.texts import Texts, decimals_of
from loyalty.errors import InvalidReward, Refusal
from loyalty.members import Language, Member
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.shelf import Field, check_picture, clean_name


async def new_name(message: Message, member: Member, texts: Texts, state: FSMContext) -> None:
    known = await state.get_data()
    merchant_id: int = known["merchant_id"]
    try:
        name = clean_name(message.text or "")
    except InvalidReward as refusal:
        await show(message, forms.ask_new_name(merchant_id, texts, words(texts, refusal, member.zone)))
        return
    await open_form(state, ShelfForm.new_points, **{**known, "name": name})
    await show(message, forms.ask_new_points(merchant_id, name, texts))


async def new_points(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    merchant_id, nonce, name = known["merchant_id"], known["nonce"], known["name"]
    try:
        seen = await run(club.shelf.begin, member, merchant_id, nonce, name, message.text or "")
    except Refusal as refusal:
        said = await _mendable(refusal, member, texts, state)
        await show(message, forms.ask_new_points(merchant_id, name, texts, said))
        return
    await open_form(state, ShelfForm.picture, reward_id=seen.reward.id, is_new=True)
    await show(message, forms.ask_picture(seen, texts, is_new=True))


async def field(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    reward_id, asked = known["reward_id"], Field(known["field"])
    decimals = decimals_of(club.programme.currency)
    try:
        if message.text is None:
            raise InvalidReward(asked, "no_text")
        seen = await run(club.shelf.write, member, reward_id, asked, message.text, decimals=decimals)
    except Refusal as refusal:
        said = await _mendable(refusal, member, texts, state)
        stands = await run(club.shelf.card, member, reward_id)
        await show(message, forms.ask(stands, asked, decimals, texts, said))
        return
    await state.clear()
    await show(message, forms.ask_span(seen, texts) if asked is Field.LIMIT else screens.card(seen, texts))


async def words_in(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    reward_id, asked, language = known["reward_id"], Field(known["field"]), Language(known["language"])
    try:
        if message.text is None:
            raise InvalidReward(asked, "no_text")
        seen = await run(club.shelf.say, member, reward_id, asked, language, message.text)
    except Refusal as refusal:
        said = await _mendable(refusal, member, texts, state)
        stands = await run(club.shelf.card, member, reward_id)
        await show(message, forms.ask_words(stands, asked, language, texts, said))
        return
    await state.clear()
    await show(message, screens.words(seen, texts))


async def picture(
    message: Message, bot: Bot, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    known = await state.get_data()
    reward_id, is_new = known["reward_id"], bool(known.get("is_new"))
    try:
        if not message.photo:
            raise InvalidReward(Field.PICTURE, "no_photo")
        seen = await run(club.shelf.picture, member, reward_id, await _content(message.photo[-1], bot))
    except Refusal as refusal:
        said = await _mendable(refusal, member, texts, state)
        stands = await run(club.shelf.card, member, reward_id)
        await show(message, forms.ask_picture(stands, texts, said, is_new=is_new))
        return
    await state.clear()
    await show(message, screens.card(seen, texts))


async def _content(photo: PhotoSize, bot: Bot) -> bytes:
    check_picture(photo.file_size or 0)
    return await content_of(photo, bot)


async def _mendable(refusal: Refusal, member: Member, texts: Texts, state: FSMContext) -> str:
    """What to say where typing something else helps. Otherwise the form is closed, and the refusal goes on: the reward
    is removed or gone, or somebody else's business now."""
    if isinstance(refusal, InvalidReward) and refusal.reason != "removed":
        return words(texts, refusal, member.zone)
    await state.clear()
    raise refusal

"""The audit's statements: each takes a range of ids (after `after`, up to `up_to`) and answers with suspicious rows."""

from __future__ import annotations

from sqlalchemy import text

from loyalty.points import Account, Kind

POSTED = """
    SELECT member_id,
        SUM(CASE WHEN account = 'available' THEN amount ELSE 0 END) AS available,
        SUM(CASE WHEN account = 'held' THEN amount ELSE 0 END) AS held,
        SUM(CASE WHEN account = 'pending' THEN amount ELSE 0 END) AS pending
    FROM postings WHERE member_id > :after AND member_id <= :up_to
    GROUP BY member_id
"""
OPEN_HOLDS = """
    SELECT member_id, SUM(amount) AS held
    FROM holds WHERE state = 'held' AND member_id > :after AND member_id <= :up_to
    GROUP BY member_id
"""
ENTERED = """
    SELECT lot_id, SUM(available) AS available, SUM(held) AS held, SUM(pending) AS pending,
        MAX(expires_at) AS expires_at
    FROM lot_entries WHERE lot_id > :after AND lot_id <= :up_to
    GROUP BY lot_id
"""
_ACCOUNTS = ", ".join(f"'{account}'" for account in Account)
_KINDS = ", ".join(f"'{kind}'" for kind in Kind)

TRANSACTIONS = text(f"""
    SELECT id, MAX(kind) AS kind, MAX(fingerprint) AS fingerprint, MAX(reverses_id) AS reverses_id,
        MAX(refunds_id) AS refunds_id, SUM(headers) AS headers, SUM(parts) AS parts, SUM(total) AS total,
        MAX(strange) AS strange
    FROM (
        SELECT id, kind, fingerprint, reverses_id, refunds_id, 1 AS headers, 0 AS parts, 0 AS total, NULL AS strange
        FROM transactions WHERE id > :after AND id <= :up_to
        UNION ALL
        SELECT transaction_id, NULL, NULL, NULL, NULL, 0, COUNT(*), SUM(amount),
            MAX(CASE WHEN account NOT IN ({_ACCOUNTS}) THEN account END)
        FROM postings WHERE transaction_id > :after AND transaction_id <= :up_to
        GROUP BY transaction_id
    ) AS whole
    GROUP BY id
    HAVING SUM(total) <> 0 OR SUM(parts) = 0 OR SUM(headers) = 0 OR MAX(fingerprint) = ''
        OR MAX(kind) NOT IN ({_KINDS}) OR MAX(strange) IS NOT NULL
        OR (MAX(kind) = 'reverse') <> (MAX(reverses_id) IS NOT NULL)
        OR (MAX(kind) = 'refund') <> (MAX(refunds_id) IS NOT NULL)
""")

MEMBERS = text(f"""
    SELECT member_id AS id, SUM(opened) AS opened, SUM(posted) AS posted,
        SUM(available) AS available, SUM(held) AS held, SUM(pending) AS pending, SUM(floor) AS floor, SUM(owed) AS owed,
        SUM(posted_available) AS posted_available, SUM(posted_held) AS posted_held,
        SUM(posted_pending) AS posted_pending, SUM(lots_available) AS lots_available, SUM(lots_held) AS lots_held,
        SUM(lots_pending) AS lots_pending, SUM(open_holds) AS open_holds
    FROM (
        SELECT member_id, 1 AS opened, 0 AS posted, available, held, pending, floor, owed,
            0 AS posted_available, 0 AS posted_held, 0 AS posted_pending,
            0 AS lots_available, 0 AS lots_held, 0 AS lots_pending, 0 AS open_holds
        FROM balances WHERE member_id > :after AND member_id <= :up_to
        UNION ALL
        SELECT member_id, 0, 1, 0, 0, 0, 0, 0, available, held, pending, 0, 0, 0, 0
        FROM ({POSTED}) AS posted
        UNION ALL
        SELECT member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SUM(available), SUM(held), SUM(pending), 0
        FROM lots WHERE member_id > :after AND member_id <= :up_to GROUP BY member_id
        UNION ALL
        SELECT member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, held
        FROM ({OPEN_HOLDS}) AS open_holds
    ) AS whole
    GROUP BY member_id
    HAVING SUM(opened) < SUM(posted)
        OR SUM(available) <> SUM(posted_available)
        OR SUM(held) <> SUM(posted_held)
        OR SUM(pending) <> SUM(posted_pending)
        OR SUM(lots_available) <> CASE WHEN SUM(available) > 0 THEN SUM(available) ELSE 0 END
        OR SUM(lots_held) <> SUM(held)
        OR SUM(lots_pending) <> SUM(pending)
        OR SUM(open_holds) <> SUM(held)
        OR SUM(owed) <> CASE WHEN SUM(floor) > SUM(available) THEN SUM(floor) - SUM(available) ELSE 0 END
""")

LOTS = text(f"""
    SELECT lots.id, lots.available, lots.held, lots.pending, lots.expires_at,
        COALESCE(entered.available, 0) AS entered_available, COALESCE(entered.held, 0) AS entered_held,
        COALESCE(entered.pending, 0) AS entered_pending, entered.expires_at AS entered_expires_at
    FROM lots
    LEFT JOIN ({ENTERED}) AS entered ON entered.lot_id = lots.id
    WHERE lots.id > :after AND lots.id <= :up_to AND (
        lots.available <> COALESCE(entered.available, 0) OR lots.held <> COALESCE(entered.held, 0)
        OR lots.pending <> COALESCE(entered.pending, 0)
        OR entered.expires_at IS NULL OR lots.expires_at <> entered.expires_at
        OR lots.available < 0 OR lots.held < 0 OR lots.pending < 0
    )
""")

HOLDS = text("""
    SELECT * FROM (
        SELECT h.id, h.amount, h.state, h.closed_by, opening.kind AS opening, closing.kind AS closing,
            (
                SELECT COALESCE(SUM(e.held), 0) FROM lot_entries e JOIN lots l ON l.id = e.lot_id
                WHERE e.transaction_id = h.opened_by AND l.member_id = h.member_id
            ) AS in_lots,
            (
                SELECT COALESCE(SUM(p.amount), 0) FROM postings p
                WHERE p.transaction_id = h.opened_by AND p.account = 'held' AND p.member_id = h.member_id
            ) AS posted,
            (
                SELECT COALESCE(-SUM(e.held), 0) FROM lot_entries e JOIN lots l ON l.id = e.lot_id
                WHERE e.transaction_id = h.closed_by AND l.member_id = h.member_id
            ) AS out_of_lots,
            (
                SELECT COALESCE(-SUM(p.amount), 0) FROM postings p
                WHERE p.transaction_id = h.closed_by AND p.account = 'held' AND p.member_id = h.member_id
            ) AS closed
        FROM holds h
        LEFT JOIN transactions opening ON opening.id = h.opened_by
        LEFT JOIN transactions closing ON closing.id = h.closed_by
        WHERE h.id > :after AND h.id <= :up_to
    ) AS whole
    WHERE COALESCE(opening, '') <> 'hold' OR in_lots <> amount OR posted <> amount
        OR COALESCE(closing, '')
            <> CASE state WHEN 'held' THEN '' WHEN 'captured' THEN 'capture' WHEN 'released' THEN 'release' END
        OR state NOT IN ('held', 'captured', 'released')
        OR (closed_by IS NOT NULL AND (out_of_lots <> amount OR closed <> amount))
""")

# Who issued, funded or redeemed the points is even again. The rest may come from elsewhere than it went to: what has
# expired meanwhile comes from there, and what nobody can give back any more is written off.
REVERSALS = text("""
    SELECT * FROM (
        SELECT r.id, r.reverses_id, r.kind, original.kind AS original,
            (
                SELECT COUNT(*) FROM (
                    SELECT 1 FROM postings p
                    WHERE p.transaction_id IN (r.id, r.reverses_id) AND p.account IN ('issued', 'funding', 'redeemed')
                    GROUP BY p.account, p.merchant_id HAVING SUM(p.amount) <> 0
                ) AS uneven_accounts
            ) AS uneven,
            (
                SELECT COUNT(*) FROM postings p
                WHERE p.transaction_id = r.id AND p.member_id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM postings o WHERE o.transaction_id = r.reverses_id AND o.member_id = p.member_id
                )
            ) AS strangers
        FROM transactions r
        LEFT JOIN transactions original ON original.id = r.reverses_id
        WHERE r.reverses_id > :after AND r.reverses_id <= :up_to
    ) AS whole
    WHERE uneven > 0 OR strangers > 0 OR COALESCE(original, 'reverse') IN ('reverse', 'refund')
""")

REFUNDS = text("""
    SELECT * FROM (
        SELECT awards.id, award.kind AS award,
            (
                SELECT COUNT(*) FROM (
                    SELECT 1 FROM postings p
                    WHERE p.transaction_id IN (
                        SELECT awards.id UNION ALL SELECT r.id FROM transactions r WHERE r.refunds_id = awards.id
                    ) AND p.account IN ('issued', 'funding')
                    GROUP BY p.account, p.merchant_id HAVING SUM(p.amount) > 0
                ) AS exceeded_accounts
            ) AS exceeded,
            (SELECT COUNT(*) FROM transactions r WHERE r.reverses_id = awards.id) AS reversals
        FROM (
            SELECT DISTINCT refunds_id AS id FROM transactions
            WHERE refunds_id > :after AND refunds_id <= :up_to
        ) AS awards
        LEFT JOIN transactions award ON award.id = awards.id
    ) AS whole
    WHERE exceeded > 0 OR reversals > 0 OR COALESCE(award, 'refund') IN ('reverse', 'refund')
""")

HIGHEST = text(
    "SELECT (SELECT MAX(id) FROM transactions) AS transactions, (SELECT MAX(id) FROM members) AS members, "
    "(SELECT MAX(id) FROM lots) AS lots, (SELECT MAX(id) FROM holds) AS holds"
)
COUNTS = text(
    "SELECT "
    + ", ".join(
        f"(SELECT COUNT(*) FROM {table}) AS {table}"
        for table in ("members", "balances", "transactions", "postings", "lots", "lot_entries", "holds")
    )
)

"""Pages of lists: a cursor in, rows and the next cursor out, with a Link header."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.dependencies import Running
from app.api.texts import PlainText
from app.records import JobRecord, ModelRecord

Row = TypeVar("Row")
Record = TypeVar("Record", ModelRecord, JobRecord)


class Page(BaseModel, Generic[Row]):
    """Some rows of a list."""

    data: list[Row]
    next_cursor: str | None = Field(description="Where the list goes on, or null at its end.")


class _Paging:
    """The part of a list that a request asks for."""

    def __init__(
        self,
        request: Request,
        response: Response,
        runtime: Running,
        limit: Annotated[int, Query(ge=1, le=200, description="Rows of a page.")] = 50,
        cursor: Annotated[
            PlainText | None, Query(description="`next_cursor` of the page before.")
        ] = None,
    ) -> None:
        self._request = request
        self._response = response
        self._cursors = runtime.cursors
        self._limit = limit
        self._cursor = cursor

    def cut(
        self, scope: str, read: Callable[[str | None, int], Sequence[Record]]
    ) -> tuple[Sequence[Record], str | None]:
        """The rows of the page, and the cursor of the next one if there is one.

        `read` is given the id after which to go on, and how many rows to read at most. A cursor
        is good for one `scope` only, the list and its filters. Raises InputError `bad_cursor`.
        """
        after = None if self._cursor is None else self._cursors.read(scope, self._cursor)
        rows = read(after, self._limit + 1)
        shown = rows[: self._limit]
        if len(rows) == len(shown):
            return shown, None
        following = self._cursors.write(scope, shown[-1].id)
        url = self._request.url.include_query_params(cursor=following)
        self._response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return shown, following


Paging = Annotated[_Paging, Depends()]

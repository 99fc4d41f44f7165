//! Small texts from the web: bounded in size and time, whatever the server sends.
//!
//! Knows HTTP; refuses to know what a text is for. A proxy that the environment names counts.

use std::time::Duration;

use reqwest::{Client, StatusCode};

/// A text that did not come.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No answer, or it broke off.
    #[error("no answer")]
    Failed(#[source] reqwest::Error),
    /// An answer without the text.
    #[error("status: {0}")]
    Status(StatusCode),
    /// A text of another size than any that is meant.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// Something else than text.
    #[error("the answer is not UTF-8 text")]
    NotText,
}

/// The text at a URL, of at most so many bytes, within some time.
pub async fn text(url: &str, largest: usize, patience: Duration) -> Result<String, DownloadError> {
    let failed = |error: reqwest::Error| DownloadError::Failed(error.without_url());
    let client = Client::builder().connect_timeout(patience).timeout(patience).build().map_err(failed)?;
    let mut answer = client.get(url).send().await.map_err(failed)?;
    if answer.status() != StatusCode::OK {
        return Err(DownloadError::Status(answer.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > largest {
            return Err(DownloadError::TooLarge(largest));
        }
    }
    String::from_utf8(bytes).map_err(|_| DownloadError::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that answers once, and its URL.
    fn serve(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            // The client may have had enough before.
            let _ = stream.write_all(answer);
        });
        url
    }

    async fn said(answer: &'static [u8]) -> Result<String, String> {
        text(&serve(answer), 8, Duration::from_secs(5)).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn only_what_is_small_and_text() {
        assert_eq!(said(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nv1.37.2").await.unwrap(), "v1.37.2");
        let endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n0123456789";
        assert_eq!(said(endless).await.unwrap_err(), "the answer has more than 8 bytes");
        let status = said(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(status.unwrap_err(), "status: 404 Not Found");
        let bytes = said(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe").await;
        assert_eq!(bytes.unwrap_err(), "the answer is not UTF-8 text");
    }

    #[tokio::test]
    async fn no_server_is_waited_for_long() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let error = text(&url, 8, Duration::from_millis(100)).await.unwrap_err();
        assert!(matches!(error, DownloadError::Failed(_)), "{error:?}");
    }
}
